import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../test/support/manual-clock.js';
import type { FaultWindow } from '../faults/fault.js';
import { playFaults, timerFrom } from './fault-timeline.js';
import { createHealthBoard } from './health-board.js';
import { createHealthWatches } from './health-watches.js';
import { actOnHost } from './host-faults.js';
import type { TargetEvent } from './protocol.js';

function window(kind: string, fromNs: number, toNs: number, options: unknown): FaultWindow {
  return { id: `storm/${kind}`, kind, phase: 'storm', fromNs, toNs, options };
}

function play(windows: readonly FaultWindow[], fromNs = 0) {
  const clock = createManualClock(fromNs);
  const events: TargetEvent[] = [];
  const changes: (readonly [number, string | undefined])[] = [];
  const begun: (readonly [number, string])[] = [];
  const over: (readonly [number, string])[] = [];
  const board = createHealthBoard([''], ({ status }) => changes.push([clock.now(), status]));
  const parts = {
    overrideHealth: board.override,
    overrideWatch: createHealthWatches(board).override,
    scaleService: () => () => {},
    callFaults: {
      begin: (id: string) => void begun.push([clock.now(), id]),
      end: (id: string) => void over.push([clock.now(), id]),
    },
  };
  const stop = playFaults({
    windows,
    backend: 'b1',
    now: clock.now,
    callAt: clock.callAt,
    fromNs,
    act: (fault, start) => actOnHost(fault, parts, start),
    post: (event) => events.push(event),
  });
  return { clock, events, changes, begun, over, stop };
}

test('a host fault acts from its start to its end, and both are told of', () => {
  const down = window('health-set', 100, 300, { service: '', status: 'NOT_SERVING' });
  const { clock, events, changes } = play([down]);
  clock.advanceTo(1_000);
  assert.deepEqual(changes, [
    [100, 'NOT_SERVING'],
    [300, 'SERVING'],
  ]);
  assert.deepEqual(events, [
    {
      atNs: 100,
      kind: 'fault.start',
      detail: 'health-set begins on b1',
      subject: 'storm/health-set',
      plannedNs: 100,
    },
    {
      atNs: 300,
      kind: 'fault.end',
      detail: 'health-set ends on b1',
      subject: 'storm/health-set',
      plannedNs: 300,
    },
  ]);
  assert.equal(clock.armed, 0);
});

test('a start that was late says when it really was', () => {
  const { clock, events } = play([window('rpc-hang', 100, 300, {})]);
  clock.jumpTo(120);
  assert.deepEqual([events[0]?.plannedNs, events[0]?.atNs], [100, 120]);
});

test('a flap whose timers are late does not drift', () => {
  const flap = window('health-flap', 0, 10_000, { service: '', period: 100, duty: 0.5 });
  const { clock, changes } = play([flap]);
  clock.advanceTo(40);
  clock.jumpTo(57);
  clock.advanceTo(140);
  clock.jumpTo(159);
  clock.advanceTo(200);
  const times = changes.map(([atNs]) => atNs);
  // Due at 0, 50, 100, 150 and 200; the second and fourth came late, and the next are on time.
  assert.deepEqual(times, [0, 57, 100, 159, 200]);
});

test('a call fault is told of its beginning and its end, and not when it is stopped before', () => {
  const windows = [window('rpc-hang', 100, 300, {}), window('rpc-delay', 100, 500, {})];
  const { clock, begun, over, stop } = play(windows);
  clock.advanceTo(400);
  stop();
  clock.advanceTo(1_000);
  assert.deepEqual(begun, [
    [100, 'storm/rpc-hang'],
    [100, 'storm/rpc-delay'],
  ]);
  assert.deepEqual(over, [[300, 'storm/rpc-hang']]);
});

test('stopping ends what goes on, tells of it, and forgets what is to come', () => {
  const now = window('health-set', 100, 300, { service: '', status: 'NOT_SERVING' });
  const later = window('rpc-hang', 500, 600, {});
  const { clock, events, changes, stop } = play([now, later]);
  clock.advanceTo(200);
  stop();
  stop();
  assert.deepEqual(changes.at(-1), [200, 'SERVING']);
  const ends = events.map(({ kind, atNs, plannedNs }) => [kind, atNs, plannedNs]);
  assert.deepEqual(ends, [
    ['fault.start', 100, 100],
    ['fault.end', 200, 300],
  ]);
  assert.equal(clock.armed, 0);
});

test('who is started again plays what is not over: at once what goes on, the rest at its time', () => {
  const down = (fromNs: number, toNs: number) =>
    window('health-set', fromNs, toNs, { service: '', status: 'NOT_SERVING' });
  const { clock, events, changes } = play([down(0, 100), down(100, 300), down(500, 600)], 200);
  clock.advanceTo(1_000);
  assert.deepEqual(
    changes.map(([atNs]) => atNs),
    [200, 300, 500, 600],
  );
  const starts = events.filter(({ kind }) => kind === 'fault.start');
  assert.deepEqual(
    starts.map(({ plannedNs }) => plannedNs),
    [200, 500],
    'no start is told of as late that could not be earlier',
  );
});

test('what a fault plans for its own end never comes, whichever timer is the first', () => {
  // A flap of 50 ns in 200 ns would begin a fifth time as it ends.
  const flap = window('health-flap', 100, 300, { service: '', period: 50, duty: 0.5 });
  const { clock, changes } = play([flap]);
  clock.advanceTo(1_000);
  const down = changes.filter(([, status]) => status === 'NOT_SERVING').map(([atNs]) => atNs);
  assert.deepEqual(down, [100, 150, 200, 250]);
  const { clock: own } = play([]);
  const fired: number[] = [];
  const after = timerFrom(0, own.callAt, 300);
  for (const delayNs of [299, 300, 301]) after(delayNs, () => fired.push(delayNs));
  own.advanceTo(1_000);
  assert.deepEqual(fired, [299]);
});
