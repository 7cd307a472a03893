/**
 * Interceptors of the user's own, from modules that the command line names (`--interceptors`).
 *
 * A module exports objects with `client`, `server` or both, functions that make gRPC's interceptors:
 *
 *     export const tenant = {
 *       summary: 'Says whose call it is.',
 *       options: (value) => ({ name: String(value.name) }),
 *       client: ({ name }, { grpc }) => (options, nextCall) => new grpc.InterceptingCall(…),
 *     };
 *
 * The scenario then uses it as `{ tenant: { name: blue } }`. A scenario is data and cannot name a
 * module, so whoever runs one decides which code runs.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Interceptor, ServerInterceptor } from '@grpc/grpc-js';
import { z } from 'zod';
import type { Catalogue } from '../base/catalogue.js';
import { type Mistake, messageOf, UserError } from '../base/errors.js';
import { interceptors } from './index.js';
import type { AnyInterceptorKind, InterceptorContext, Side } from './interceptor.js';

type Kinds = Catalogue<AnyInterceptorKind>;
type Maker = (options: unknown, context: InterceptorContext) => unknown;

/** An export that is meant as an interceptor. */
interface Exported {
  readonly summary?: unknown;
  readonly options?: unknown;
  readonly client?: unknown;
  readonly server?: unknown;
}

/**
 * @param paths relative to the working directory.
 * @returns what they export, by name.
 * @throws UserError with every mistake of all modules.
 */
export async function loadInterceptorModules(paths: readonly string[]): Promise<Kinds> {
  const kinds: Record<string, AnyInterceptorKind> = {};
  const mistakes: Mistake[] = [];
  for (const path of paths) {
    const where = `--interceptors ${path}`;
    const found = await exportsOf(path).catch((error: unknown) => {
      mistakes.push({ where, message: `the module cannot be loaded: ${messageOf(error)}` });
      return undefined;
    });
    if (found === undefined) continue;
    if (found.length === 0) {
      const hint = 'export objects with a client or a server function';
      mistakes.push({ where, message: 'the module exports no interceptor', hint });
    }
    for (const [name, exported] of found) {
      const wrong = mistakesIn(name, exported, kinds);
      mistakes.push(...wrong.map((message) => ({ where, message })));
      if (wrong.length === 0) kinds[name] = kindOf(name, exported);
    }
  }
  if (mistakes.length > 0) throw new UserError(mistakes);
  return kinds;
}

async function exportsOf(path: string): Promise<[string, Exported][]> {
  const module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  return Object.entries(module).filter(
    (entry): entry is [string, Exported] =>
      typeof entry[1] === 'object' &&
      entry[1] !== null &&
      ('client' in entry[1] || 'server' in entry[1]),
  );
}

function mistakesIn(name: string, exported: Exported, others: Kinds): string[] {
  const mistakes: string[] = [];
  if (Object.hasOwn(interceptors, name)) mistakes.push(`"${name}" is the name of one of ours`);
  if (Object.hasOwn(others, name)) mistakes.push(`"${name}" is exported by two modules`);
  if (name === 'use') mistakes.push('"use" is a word of chains');
  for (const key of ['client', 'server', 'options'] as const) {
    const value = exported[key];
    if (value !== undefined && typeof value !== 'function') {
      mistakes.push(`${key} of "${name}" is no function`);
    }
  }
  if (exported.client === undefined && exported.server === undefined) {
    mistakes.push(`"${name}" has neither client nor server`);
  }
  return mistakes;
}

function kindOf(name: string, { summary, options, client, server }: Exported): AnyInterceptorKind {
  const make = (side: Side, maker: unknown) => (given: unknown, context: InterceptorContext) => {
    const what = `interceptor "${name}" (${side})`;
    const made = blaming(what, () => (maker as Maker)(given, context));
    if (typeof made !== 'function') throw new Error(`${what}: what it made is no function`);
    return guarded(what, made as AnyFunction);
  };
  return {
    kind: name,
    summary: typeof summary === 'string' ? summary : "A user's own.",
    schema: optionsSchema(options as ((value: unknown) => unknown) | undefined),
    ...(client === undefined ? {} : { client: make('client', client) as () => Interceptor }),
    ...(server === undefined ? {} : { server: make('server', server) as () => ServerInterceptor }),
  };
}

/** They become part of the plan, which is a file and goes to other threads: plain data. */
function optionsSchema(check: ((value: unknown) => unknown) | undefined) {
  return z.any().transform((value: unknown, context): unknown => {
    try {
      const checked = check === undefined ? value : check(value);
      const text = JSON.stringify(checked);
      return text === undefined ? null : (JSON.parse(text) as unknown);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
      return z.NEVER;
    }
  });
}

// biome-ignore lint/suspicious/noExplicitAny: the arguments are grpc-js's, and handed on as they are.
type AnyFunction = (...given: any[]) => unknown;

/** Says whose fault it is when it throws, or gives grpc-js nothing that it can use. */
function guarded(what: string, intercept: AnyFunction): AnyFunction {
  return (...given) => {
    const call = blaming(what, () => intercept(...given));
    if (typeof (call as { start?: unknown } | undefined)?.start === 'function') return call;
    throw new Error(`${what}: what it returned is no call`);
  };
}

function blaming<Result>(what: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    throw new Error(`${what}: ${messageOf(cause)}`, { cause });
  }
}
