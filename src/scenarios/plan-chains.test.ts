/** Chains as scenarios write them: what they become in a plan, and every way of writing them wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { UserError } from '../base/errors.js';
import type { AnyInterceptorKind } from '../interceptors/interceptor.js';
import { loadScenario } from './load-scenario.js';

const SCENARIO = `name: chained
summary: What does a chain cost?
load: [{ call: unary, arrivals: { constant: 10/s } }]
phases: [{ name: steady, for: 1s }]
`;

const TENANT = {
  kind: 'tenant',
  summary: "A user's own, for clients.",
  schema: z.strictObject({ name: z.string() }),
  client: () => (options, nextCall) => nextCall(options) as never,
} satisfies AnyInterceptorKind;

function plan(text: string) {
  const [variant] = loadScenario('chained.yaml', SCENARIO + text, {
    interceptors: { tenant: TENANT },
  }).variants;
  assert.ok(variant);
  return { client: variant.client.interceptors, server: variant.backends[0]?.interceptors };
}

function mistakesIn(text: string): string[] {
  try {
    plan(text);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.split('\n');
  }
  return assert.fail('the file was accepted');
}

test('chains are put together in their order, and what comes twice has a number', () => {
  const { client, server } = plan(`chains:
  base: [metrics, { auth: { token: t } }]
  all: [{ use: base }, pass, { use: base }]
client: { interceptors: [logging, { use: all }, { tenant: { name: blue } }] }
targets: { backends: 2, interceptors: [{ delay: 5ms }] }
`);
  assert.deepEqual(
    client?.map(({ name }) => name),
    ['logging', 'metrics', 'auth', 'pass', 'metrics#2', 'auth#2', 'tenant'],
  );
  assert.deepEqual(client?.[0]?.options, { share: 0.01, perInterval: 20 });
  assert.deepEqual(client?.[6], { name: 'tenant', kind: 'tenant', options: { name: 'blue' } });
  assert.deepEqual(server, [{ name: 'delay', kind: 'delay', options: 5e6 }]);
});

test('without interceptors nothing of them is in the plan', () => {
  assert.deepEqual(plan(''), { client: undefined, server: undefined });
  const empty = 'chains: { none: [] }\nclient: { interceptors: [{ use: none }] }\n';
  assert.deepEqual(plan(empty), { client: undefined, server: undefined });
});

const NAMES =
  'one of: auth, deadline-propagation, delay, error-mapping, logging, metrics, pass, retry, tenant, use';

const MISTAKES: Readonly<Record<string, readonly [text: string, ...mistakes: string[]]>> = {
  'an unknown interceptor': [
    'client: { interceptors: [auht, { metrix: {} }] }\ntargets: { interceptors: [zzzzzzzz] }\n',
    '5:26: client.interceptors[0].auht: there is no interceptor "auht" (did you mean "auth"?)',
    '5:42: client.interceptors[1].metrix: there is no interceptor "metrix" (did you mean "metrics"?)',
    `6:27: targets.interceptors[0].zzzzzzzz: there is no interceptor "zzzzzzzz" (${NAMES})`,
  ],
  'wrong options': [
    'client: { interceptors: [{ delay: 5 }, { auth: { tokken: a } }, { error-mapping: { from: OKAY, to: ABORTED } }] }\n',
    '5:35: client.interceptors[0].delay: a duration needs a unit, got "5" (for example 250ms, 1.5s or 1m30s)',
    '5:50: unknown key "tokken" in client.interceptors[1].auth (did you mean "token"?)',
    '5:48: client.interceptors[1].auth.token is missing (expected text)',
    '5:90: client.interceptors[2].error-mapping.from: "OKAY" is not the code of an error (one of: CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED)',
  ],
  'what is no item of a chain': [
    'client: { interceptors: [{ auth: { token: a }, pass: {} }, 7, use, { use: 3 }] }\n',
    '5:26: client.interceptors[0]: an interceptor is its name, or a map of that one key (logging, { auth: { token: secret } } or { use: base })',
  ],
  'a chain that nobody defines': [
    'chains: { base: [{ use: bsae }] }\nclient: { interceptors: [{ use: base }] }\n',
    '5:25: there is no chain "bsae" (did you mean "base"?)',
  ],
  'no chains at all': [
    'client: { interceptors: [{ use: base }] }\n',
    '5:33: there is no chain "base" (chains: defines none)',
  ],
  'chains in a circle, used or not': [
    `chains:
  a: [pass, { use: b }]
  b: [{ use: c }, { use: d }]
  c: [{ use: a }]
  d: [{ use: d }]
`,
    '8:14: chains use each other in a circle: a → b → c → a',
    '9:14: chains use each other in a circle: d → d',
  ],
  'chains that double each other': [
    `chains: { a: [pass, pass], ${[...'bcdefgh']
      .map((name, index) => `${name}: [{ use: ${'abcdefg'[index]} }, { use: ${'abcdefg'[index]} }]`)
      .join(', ')} }
client: { interceptors: [{ use: h }] }
`,
    '6:25: the chain has more than 64 interceptors',
  ],
  'an interceptor on a side that it is not for': [
    `chains: { mine: [{ tenant: { name: a } }, { deadline-propagation: {} }] }
targets: { interceptors: [{ use: mine }] }
client: { interceptors: [{ use: mine }] }
`,
    '5:28: tenant cannot be used on the server',
    '5:67: on the client it needs a budget',
  ],
  'the wire driver and server': [
    'client: { driver: wire, interceptors: [pass] }\ntargets: { server: wire, interceptors: [pass] }\n',
    '5:39: client.interceptors: the wire driver has no interceptors: its calls do not pass through grpc-js (use driver: grpc-js)',
    '6:40: targets.interceptors: the wire server has no interceptors: its calls do not pass through grpc-js (use server: grpc-js)',
  ],
};

for (const [name, [text, ...expected]] of Object.entries(MISTAKES)) {
  test(`${name}: refused, with the place`, () => {
    const told = mistakesIn(text);
    for (const mistake of expected) {
      assert.ok(told.includes(`chained.yaml:${mistake}`), `${mistake}\nnot in\n${told.join('\n')}`);
    }
  });
}

test('a chain that is wrong in itself is still there for those who use it', () => {
  const text = 'chains: { base: [auht] }\nclient: { interceptors: [{ use: base }] }\n';
  assert.deepEqual(mistakesIn(text), [
    'chained.yaml:5:18: chains.base[0].auht: there is no interceptor "auht" (did you mean "auth"?)',
  ]);
});
