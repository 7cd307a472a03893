/** Modules of the user's: what they may export, and what is said of those that are wrong. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { startEcho } from '../../test/support/echo.js';
import { temporaryFolder } from '../../test/support/squall.js';
import { UserError } from '../base/errors.js';
import { clientChain } from './make-chain.js';
import { ChainObservations } from './observations.js';
import { loadInterceptorModules } from './user-modules.js';

function moduleFile(text: string, name = 'own.mjs'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

async function mistakesOf(...texts: string[]): Promise<string[]> {
  try {
    await loadInterceptorModules(texts.map((text) => moduleFile(text)));
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.mistakes.map(({ message }) => message);
  }
  return assert.fail('the modules were accepted');
}

test('what a module exports can be used by its name, on the sides that it has', async () => {
  const kinds = await loadInterceptorModules([
    moduleFile(`export const limit = 3;
      export const stamp = {
        client: (options, { grpc, name, side }) => (callOptions, nextCall) =>
          new grpc.InterceptingCall(nextCall(callOptions), {
            start(metadata, listener, next) {
              metadata.set('stamp', [name, side, options.text].join(' '));
              next(metadata, listener);
            },
          }),
      };`),
  ]);
  assert.deepEqual(Object.keys(kinds), ['stamp']);
  assert.equal(kinds['stamp']?.server, undefined);
  const observations = new ChainObservations();
  const specs = [{ name: 'stamp#2', kind: 'stamp', options: { text: 'x' } }];
  await using echo = await startEcho({
    client: clientChain(specs, { seed: 1, place: 'test', kinds, observations }),
  });
  assert.equal((await echo.unary('hi')).code, grpc.status.OK);
  assert.deepEqual(echo.seen[0]?.get('stamp'), ['stamp#2 client x']);
});

test('options pass a function of the module, and are plain data afterwards', async () => {
  const kinds = await loadInterceptorModules([
    moduleFile(`export const own = {
        client: () => {},
        options({ at }) {
          if (at === undefined) throw new Error('at is missing');
          return { at: new Date(at), forget: () => {} };
        },
      };`),
  ]);
  const schema = kinds['own']?.schema;
  assert.deepEqual(schema?.safeParse({ at: 0 }).data, { at: '1970-01-01T00:00:00.000Z' });
  assert.equal(schema?.safeParse({}).error?.issues[0]?.message, 'at is missing');
});

test('every mistake of all modules is told', async () => {
  const [broken] = await mistakesOf('export const = 3');
  assert.match(broken ?? '', /^the module cannot be loaded: /);
  assert.deepEqual(
    await mistakesOf(
      'export const retries = 3;',
      'export const auth = { client: 7 }; export const a = { server: undefined };',
      'export const twice = { client() {} }; export const use = { server() {} };',
      'export const twice = { client() {} };',
    ),
    [
      'the module exports no interceptor',
      '"a" has neither client nor server',
      '"auth" is the name of one of ours',
      'client of "auth" is no function',
      '"use" is a word of chains',
      '"twice" is exported by two modules',
    ],
  );
});

test('one that throws, or makes nothing of use, is named', async () => {
  const kinds = await loadInterceptorModules([
    moduleFile(`export const thrower = { client: () => { throw new Error('no config'); } };
      export const nothing = { client: () => 7 };
      export const late = { client: () => () => { throw new Error('no tenant'); } };
      export const empty = { client: () => () => ({}) };`),
  ]);
  const around = { seed: 1, place: 'test', kinds, observations: new ChainObservations() };
  const make = (kind: string) => clientChain([{ name: kind, kind, options: {} }], around);
  assert.throws(() => make('thrower'), /interceptor "thrower" \(client\): no config/);
  assert.throws(() => make('nothing'), /"nothing" \(client\): what it made is no function/);
  for (const [kind, message] of [
    ['late', /interceptor "late" \(client\): no tenant/],
    ['empty', /interceptor "empty" \(client\): what it returned is no call/],
  ] as const) {
    const [interceptor] = make(kind);
    assert.throws(() => interceptor?.({} as never, () => ({}) as never), message);
  }
});
