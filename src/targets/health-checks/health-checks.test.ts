/** What each check makes of what it sees, on a clock that only the test moves; and how it is written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../../test/support/manual-clock.js';
import type { ServingStatus } from '../../base/serving-status.js';
import { targetsSchema } from '../spec.js';
import type { CheckedServer } from './health-check.js';
import { createHysteresis } from './hysteresis.js';
import { healthChecks } from './index.js';

const MS = 1e6;

/** A server whose clock, queue and neighbour are the test's. */
function fakeServer() {
  const clock = createManualClock();
  const findings: string[] = [];
  const state = { waiting: 0, watches: 0, tell: (_status: ServingStatus) => {} };
  let last = '';
  const server: CheckedServer = {
    now: clock.now,
    callAt: clock.callAt,
    waiting: () => state.waiting,
    watch(backend, service, heard) {
      assert.deepEqual([backend, service], ['b1', '']);
      state.watches++;
      state.tell = heard;
      return () => state.watches--;
    },
    find(finding) {
      if (finding !== last) findings.push(`${clock.now() / MS} ${finding}`);
      last = finding;
    },
  };
  return { clock, findings, state, server };
}

function start(kind: keyof typeof healthChecks, options: object) {
  const fake = fakeServer();
  const check = healthChecks[kind];
  const stop = check.start(check.schema.parse(options) as never, fake.server);
  return { ...fake, stop };
}

test('hysteresis: too much above one value, well at another and only when it stays so', () => {
  const isTooMuch = createHysteresis({ above: 10, below: 5, holdNs: 3 });
  const course = [
    [0, 10, false],
    [1, 11, true],
    [2, 8, true],
    [3, 5, true],
    // Above `below` again: the time of being well begins anew.
    [4, 6, true],
    [5, 4, true],
    [7, 4, true],
    [8, 4, false],
    [9, 10, false],
    [10, 12, true],
  ] as const;
  for (const [at, value, expected] of course) {
    assert.equal(isTooMuch(value, at), expected, `${value} at ${at}`);
  }
});

test('event-loop-delay: a late timer shows, for as long as it says', () => {
  const { clock, findings, stop } = start('event-loop-delay', { above: '40ms', hold: '100ms' });
  clock.advanceTo(95 * MS);
  // Due at 100, seen at 140: 40 ms are not more than 40. Due at 150, seen at 191: 41 are.
  clock.jumpTo(140 * MS);
  clock.jumpTo(191 * MS);
  // Late by 21 ms at 222, more than the half of 40: being well begins after it, at 232.
  clock.jumpTo(222 * MS);
  clock.advanceTo(500 * MS);
  assert.deepEqual(findings, ['10 SERVING', '191 NOT_SERVING', '332 SERVING']);
  stop();
  assert.equal(clock.armed, 0);
});

test('queue-length: looks at the line every ten milliseconds', () => {
  const { clock, findings, state, stop } = start('queue-length', { above: 4, hold: '20ms' });
  for (const [untilMs, waiting] of [
    [15, 4],
    [25, 5],
    [45, 3],
    [100, 2],
  ] as const) {
    state.waiting = waiting;
    clock.advanceTo(untilMs * MS);
  }
  assert.deepEqual(findings, ['10 SERVING', '20 NOT_SERVING', '70 SERVING']);
  stop();
  assert.equal(clock.armed, 0);
});

test('dependency: as healthy as the other, after its hold, and not before it was heard of', () => {
  const { clock, findings, state, stop } = start('dependency', { on: 'b1', hold: '50ms' });
  assert.equal(healthChecks.dependency.initial, 'UNKNOWN');
  clock.advanceTo(10 * MS);
  assert.deepEqual(findings, []);
  const heard: readonly (readonly [number, ServingStatus])[] = [
    // The first answer needs no hold: nothing has gone wrong yet.
    [20, 'SERVING'],
    [30, 'NOT_SERVING'],
    [40, 'SERVING'],
    [60, 'UNKNOWN'],
    [100, 'SERVING'],
  ];
  for (const [atMs, status] of heard) {
    clock.advanceTo(atMs * MS);
    state.tell(status);
  }
  clock.advanceTo(200 * MS);
  assert.deepEqual(findings, ['20 SERVING', '30 NOT_SERVING', '150 SERVING']);
  state.tell('NOT_SERVING');
  state.tell('SERVING');
  stop();
  assert.deepEqual([clock.armed, state.watches], [0, 0]);
});

const capacity = { slots: 1, queue: 10, serviceTime: '1ms' };

test('a check is run by the backends it names, or by all; a dependency never by itself', () => {
  const specs = targetsSchema.parse({
    backends: 3,
    capacity,
    health: {
      checks: [
        { 'queue-length': { above: 4, backends: ['b0'], services: ['chat.ChatService/Say'] } },
        { dependency: { on: 'b2' } },
      ],
    },
  });
  const dependency = { kind: 'dependency', options: { on: 'b2', service: '', hold: 0 } };
  assert.deepEqual(
    specs.map((spec) => spec.healthChecks),
    [
      [
        {
          kind: 'queue-length',
          services: ['chat.ChatService/Say'],
          options: { above: 4, below: 2, holdNs: 200 * MS },
        },
        dependency,
      ],
      [dependency],
      undefined,
    ],
  );
});

test('checks that cannot be are refused, each at its place', () => {
  const mistake = (targets: object, ...checks: object[]) => {
    const parsed = targetsSchema.safeParse({ backends: 3, ...targets, health: { checks } });
    const [issue] = parsed.error?.issues ?? [];
    return `${issue?.path.slice(2).join('.')}: ${issue?.message}`;
  };
  const cases: readonly (readonly [string, RegExp])[] = [
    [mistake({}, { dependency: { on: 'b7' } }), /^0\.dependency\.on: .*no backend "b7"/],
    [
      mistake({}, { 'event-loop-delay': { above: '50ms', backends: ['b0', 'c'] } }),
      /^0\.event-loop-delay\.backends\.1: .*no backend "c"/,
    ],
    [
      mistake({}, { dependency: { on: 'b1', backends: ['b1'] } }),
      /^0\.dependency\.on: .*in a circle: b1 → b1$/,
    ],
    [
      mistake(
        {},
        { dependency: { on: 'b1', backends: ['b0'] } },
        { dependency: { on: 'b2', backends: ['b1'] } },
        { dependency: { on: 'b0', backends: ['b2'] } },
      ),
      /^2\.dependency\.on: .*in a circle: b2 → b0 → b1 → b2$/,
    ],
    [
      mistake({}, { dependency: { on: 'b0' } }, { dependency: { on: 'b1' } }),
      /^1\.dependency\.on: .*in a circle: b0 → b1 → b0$/,
    ],
    [mistake({}, { 'queue-length': { above: 4 } }), /^0\.queue-length: backend "b0" has no queue/],
    [
      mistake({ capacity }, { 'queue-length': { above: 10 } }),
      /^0\.queue-length\.above: .*no more than 10/,
    ],
    [
      mistake({ capacity }, { 'queue-length': { above: 4, below: 5 } }),
      /^0\.queue-length\.below: below is at most/,
    ],
    [mistake({}, { 'event-loop-delay': { above: '1ms' } }), /^0\.event-loop-delay\.above: .*5ms/],
    [mistake({}), /^: at least one check/],
  ];
  for (const [got, expected] of cases) assert.match(got, expected);
  const unknown = { 'event-loop-delay': { above: '50ms', services: ['chat.ChatService/Sy'] } };
  assert.match(mistake({}, unknown), /^0\.event-loop-delay\.services\.0: /);
  // What depends on one that depends on another is no circle, and neither is depending on two.
  const parsed = targetsSchema.safeParse({
    backends: 3,
    health: {
      checks: [{ dependency: { on: 'b2' } }, { dependency: { on: 'b1', backends: ['b0'] } }],
    },
  });
  assert.equal(parsed.success, true);
});
