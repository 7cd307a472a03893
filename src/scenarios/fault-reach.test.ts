/** Where faults act, as a scenario says it; and faults that could never act, refused with their place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../base/errors.js';
import type { FaultWindow } from '../faults/fault.js';
import { loadScenario } from './load-scenario.js';

/** @param faults each a line of the list. */
function scenario(...faults: readonly string[]): string {
  return `name: storm
summary: Who is hit?
targets:
  backends:
    - { name: a, zone: east, capacity: { slots: 1, serviceTime: 1ms, onExpired: stop } }
    - { name: b, zone: west }
    - { name: c, zone: west }
    - { name: d }
load: [{ call: unary, arrivals: { poisson: 4/s } }]
phases: [{ name: calm, for: 2s }, { name: storm, for: 4s }]
faults:
${faults.map((fault) => `  - ${fault}\n`).join('')}`;
}

function windowsOf(...faults: readonly string[]): readonly FaultWindow[] {
  return loadScenario('storm.yaml', scenario(...faults)).variants[0]?.faults ?? assert.fail();
}

/** The lines that a user would see, without the file's name. */
function mistakesIn(...faults: readonly string[]): string[] {
  try {
    loadScenario('storm.yaml', scenario(...faults));
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replaceAll('storm.yaml:', '').split('\n');
  }
  return [];
}

const ABORT = 'rpc-abort: { phase: storm, code: UNAVAILABLE';

test('a zone stands for its backends, of those that are named too', () => {
  const reached = (more: string) => windowsOf(`${ABORT}, ${more} }`)[0]?.backends;
  assert.deepEqual(reached('zones: [west]'), ['b', 'c']);
  assert.deepEqual(reached('zones: [west, east]'), ['a', 'b', 'c']);
  assert.deepEqual(reached('zones: [west], backends: [d, c, a]'), ['c']);
  assert.deepEqual(reached('backends: [d, a]'), ['a', 'd'], 'in the order of the backends');
  assert.equal(reached('share: 10%'), undefined);
});

test('a plan has all that picks calls', () => {
  const [abort] = windowsOf(`${ABORT}, metadata: { tenant: blue }, count: 3, share: 5% }`);
  assert.deepEqual([abort?.metadata, abort?.count, abort?.share], [{ tenant: 'blue' }, 3, 0.05]);
  const [hang] = windowsOf('rpc-hang: { phase: storm, maxActive: 3 }');
  assert.deepEqual([hang?.maxActive, hang?.options], [3, {}]);
});

test('a fault that can act on some methods only is on those', () => {
  const methods = (fault: string) => windowsOf(fault)[0]?.methods;
  assert.deepEqual(methods('rpc-rate: { phase: storm, messages: 5/s }'), [
    'chat.ChatService/Chat',
    'chat.ChatService/Listen',
  ]);
  assert.deepEqual(
    methods(
      'rpc-rate: { phase: storm, messages: 5/s, methods: [chat.ChatService/Say, chat.ChatService/Chat] }',
    ),
    ['chat.ChatService/Chat'],
  );
  assert.deepEqual(methods('rpc-ignore-cancel: { phase: storm }'), [
    'chat.ChatService/Say',
    'chat.ChatService/SayAll',
  ]);
});

test('names that nobody defines are told with the nearest, each at its place', () => {
  assert.deepEqual(
    mistakesIn(
      `${ABORT}, zones: [west, est] }`,
      `${ABORT}, methods: [chat.ChatService/Sya], backends: [x] }`,
    ),
    [
      '12:65: there is no zone "est" (did you mean "east" or "west"?)',
      '13:61: there is no method "chat.ChatService/Sya" (did you mean "chat.ChatService/Say"?)',
      '13:95: there is no backend "x" (did you mean "a" or "b" or "c"?)',
    ],
  );
});

test('combinations that leave nothing are told as such', () => {
  assert.deepEqual(mistakesIn(`${ABORT}, zones: [west], backends: [a, d] }`), [
    '12:76: none of these backends is in west: nothing is left',
  ]);
  const [rate] = mistakesIn(
    'rpc-rate: { phase: storm, messages: 5/s, methods: [chat.ChatService/Say] }',
  );
  assert.match(rate ?? '', /^12:\d+: rpc-rate acts on calls with a stream of replies only/);
  assert.deepEqual(mistakesIn('rpc-ignore-cancel: { phase: storm, zones: [west] }'), [
    '12:24: rpc-ignore-cancel keeps up work that its backends would stop, and none of them would ' +
      '(give them a capacity with onExpired: stop)',
  ]);
  const [active] = mistakesIn(`${ABORT}, maxActive: 3 }`);
  assert.match(active ?? '', /^12:\d+: rpc-abort ends calls at once, so that none of them is ever/);
  assert.deepEqual(mistakesIn(`${ABORT}, maxActive: 3, after: service }`), []);
  const [stage] = mistakesIn(`${ABORT}, after: arrival, stage: { after-messages: 1 } }`);
  assert.match(stage ?? '', /^12:\d+: .*after: nothing has been replied at arrival/);
});

const HANG = 'rpc-hang: { phase: storm';
const NEVER = /: rpc-abort can never act: .* before it hits every call that it could/;

test('a fault that stands behind stronger ones everywhere is refused, at its own place', () => {
  const refused: readonly (readonly string[])[] = [
    [`${HANG} }`, `${ABORT} }`],
    [`${HANG} }`, `${ABORT}, share: 50%, backends: [a], at: 1s, for: 1s }`],
    [`${HANG}, zones: [west] }`, `${ABORT}, backends: [b, c] }`],
    [`${HANG}, zones: [west] }`, `${HANG}, backends: [a, d] }`, `${ABORT} }`],
    [`${HANG}, for: 2s }`, `${HANG}, at: 2s }`, `${ABORT} }`],
    [`${HANG}, for: 3s }`, `${HANG}, at: 2s }`, `${ABORT}, at: 1s, for: 2s }`],
    [`${HANG}, metadata: { t: x } }`, `${ABORT}, metadata: { t: x, u: y } }`],
    [
      `${HANG}, methods: [chat.ChatService/Say, chat.ChatService/Chat] }`,
      `${ABORT}, methods: [chat.ChatService/Say] }`,
    ],
  ];
  for (const faults of refused) {
    const mistakes = mistakesIn(...faults);
    assert.match(mistakes.join('\n'), NEVER, faults.join('\n'));
    assert.equal(mistakes.length, 1);
    const [line] = mistakes[0]?.split(':') ?? [];
    assert.equal(Number(line), 11 + faults.length, 'it is the last one of them');
  }
});

test('a fault that could act somewhere, at some time, on some call is not', () => {
  const accepted: readonly (readonly string[])[] = [
    [`${HANG}, share: 99% }`, `${ABORT} }`],
    [`${HANG}, count: 5 }`, `${ABORT} }`],
    [`${HANG}, maxActive: 5 }`, `${ABORT} }`],
    [`rpc-shed: { phase: storm, limit: 1 }`, `${ABORT} }`],
    [`${HANG}, backends: [a, b, c] }`, `${ABORT} }`],
    [`${HANG}, for: 1900ms }`, `${HANG}, at: 2s }`, `${ABORT} }`],
    [`${HANG}, metadata: { t: x } }`, `${ABORT}, metadata: { t: y } }`],
    [`${HANG}, metadata: { t: x } }`, `${ABORT} }`],
    [`rpc-rate: { phase: storm, messages: 5/s }`, `${ABORT} }`],
    [`health-set: { phase: storm, status: NOT_SERVING }`, `${ABORT} }`],
    [`${HANG.replace('storm', 'calm')} }`, `${ABORT} }`],
  ];
  for (const faults of accepted) assert.deepEqual(mistakesIn(...faults), [], faults.join('\n'));
});
