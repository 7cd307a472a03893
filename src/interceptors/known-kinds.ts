/**
 * Which kinds of interceptors a scenario may name: ours, and those of the modules that the command
 * line names. A schema is given nothing but the value, so what is known is set around the parsing.
 */
import type { Catalogue } from '../base/catalogue.js';
import { interceptors } from './index.js';
import type { AnyInterceptorKind } from './interceptor.js';

type Kinds = Catalogue<AnyInterceptorKind>;

let known: Kinds = interceptors;

/** Parses something that may name our kinds and these. */
export function knowingKinds<Result>(own: Kinds, parse: () => Result): Result {
  const before = known;
  known = { ...interceptors, ...own };
  try {
    return parse();
  } finally {
    known = before;
  }
}

/** For schemas. */
export function knownKinds(): Kinds {
  return known;
}
