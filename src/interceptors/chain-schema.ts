/**
 * A chain of interceptors as a scenario writes it: a list, in the order in which a call passes them.
 *
 *     [logging, { auth: { token: secret } }, { use: base }]
 *
 * A name alone is that interceptor without options. `use` puts a chain of the scenario's `chains:` in
 * its place; `resolve-chain.ts` does that, once all chains are known.
 */
import { z } from 'zod';
import { entryOf } from '../base/catalogue.js';
import { namingKnownKeys } from '../base/known-keys.js';
import { didYouMean } from '../base/nearest.js';
import type { Side } from './interceptor.js';
import { knownKinds } from './known-kinds.js';

export type ChainItem =
  | { readonly use: string }
  | {
      readonly kind: string;
      /** Parsed. */
      readonly options: unknown;
      /** What is wrong with them on one side. */
      readonly mistakeOn: Partial<Readonly<Record<Side, string>>>;
    };

const USE = 'use';

type Context = z.core.$RefinementCtx;

function problem(context: Context, path: string[], message: string, hint?: string): never {
  const params = hint === undefined ? {} : { params: { hint } };
  context.addIssue({ code: 'custom', path, message, ...params });
  return z.NEVER;
}

const chainItem = z.any().transform((value: unknown, context): ChainItem => {
  const map = typeof value === 'string' ? { [value]: {} } : value;
  const entries = typeof map === 'object' && map !== null ? Object.entries(map) : [];
  const [first] = entries;
  if (first === undefined || entries.length !== 1 || Array.isArray(map)) {
    const example = 'logging, { auth: { token: secret } } or { use: base }';
    return problem(context, [], 'an interceptor is its name, or a map of that one key', example);
  }
  const [kind, options] = first;
  if (kind === USE) {
    if (typeof value === 'object' && typeof options === 'string') return { use: options };
    return problem(context, [], 'use names a chain of chains:', '{ use: base }');
  }
  return readItem(kind, options ?? {}, context);
});

function readItem(kind: string, options: unknown, context: Context): ChainItem {
  const kinds = knownKinds();
  if (!Object.hasOwn(kinds, kind)) {
    const hint = didYouMean(kind, [...Object.keys(kinds), USE]);
    return problem(context, [kind], `there is no interceptor "${kind}"`, hint);
  }
  const entry = entryOf(kinds, kind);
  const parsed = entry.schema.safeParse(options, { error: namingKnownKeys });
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const path = [kind, ...issue.path];
      context.issues.push({ ...issue, path, input: options } as (typeof context.issues)[number]);
    }
    return z.NEVER;
  }
  const mistakeOn: Partial<Record<Side, string>> = {};
  for (const side of ['client', 'server'] as const) {
    const mistake =
      entry[side] === undefined
        ? `${kind} cannot be used on the ${side}`
        : entry.mistake?.(parsed.data, side);
    if (mistake !== undefined) mistakeOn[side] = mistake;
  }
  return { kind, options: parsed.data, mistakeOn };
}

/** `client.interceptors`, `targets.interceptors`. */
export const chainSchema = z.array(chainItem);

/** `chains:` — chains by name. */
export const chainsSchema = z.record(
  z.string().regex(/^[\w.-]+$/, 'a name of letters, digits, ".", "-" and "_"'),
  chainSchema,
);

export type Chains = z.output<typeof chainsSchema>;
