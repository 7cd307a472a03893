/** Faults that are put on, changed and taken off by hand, and what is counted meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steerNothing } from '../../../test/support/steered-proxy.js';
import { faults } from '../../faults/index.js';
import { SteeringError, type SteeringProblem } from './steering-error.js';

const ABORT = 'rpc-abort: { code: UNAVAILABLE, share: 50%, at: 2s, for: 3s }';
const HANG = '{ "rpc-hang": {} }';

const problem = (wanted: SteeringProblem) => (error: unknown) =>
  error instanceof SteeringError && error.problem === wanted && error.mistakes.length > 0;

test('a fault stands on the board from when it is put on, and waits, acts, is over', () => {
  const { steering, board, clock } = steerNothing();
  const { id, fault, state, fromUnixMs, toUnixMs } = steering.add(ABORT);
  assert.equal(id, 'rpc-abort-1');
  assert.deepEqual(fault, {
    'rpc-abort': { code: 'UNAVAILABLE', share: '50%', at: '2s', for: '3s' },
  });
  assert.equal(state, 'waiting');
  assert.equal((toUnixMs ?? 0) - fromUnixMs, 3_000);
  const [window] = board.windows;
  assert.deepEqual([window?.fromNs, window?.toNs, window?.share], [7e9, 10e9, 0.5]);
  assert.deepEqual(window?.options, {
    code: 'UNAVAILABLE',
    message: 'aborted by rpc-abort',
    stage: 'trailers-only',
  });
  const states = [6.9e9, 7e9, 9.9e9, 10e9].map((ns) => {
    clock.ns = ns;
    return steering.fault(id).state;
  });
  assert.deepEqual(states, ['waiting', 'acting', 'acting', 'over']);
});

test('without an end it lasts until it is taken off', () => {
  const { steering, board } = steerNothing();
  const { id, toUnixMs } = steering.add(HANG);
  assert.equal(toUnixMs, undefined);
  assert.equal(board.windows[0]?.toNs, Number.POSITIVE_INFINITY);
  steering.remove(id);
  assert.deepEqual(board.windows, []);
  assert.throws(() => steering.remove(id), problem('unknown'));
});

test('ids count by kind and are not used twice until a reset', () => {
  const { steering } = steerNothing();
  const ids = [ABORT, HANG, ABORT].map((text) => steering.add(text).id);
  assert.deepEqual(ids, ['rpc-abort-1', 'rpc-hang-1', 'rpc-abort-2']);
  steering.remove('rpc-abort-2');
  assert.equal(steering.add(ABORT).id, 'rpc-abort-3');
  assert.deepEqual(
    steering.faults().map(({ id }) => id),
    ['rpc-abort-1', 'rpc-hang-1', 'rpc-abort-3'],
  );
  steering.reset();
  assert.deepEqual(steering.faults(), []);
  assert.equal(steering.add(ABORT).id, 'rpc-abort-1');
});

test('a change is another fault under the same id; a wrong one leaves all as it was', () => {
  const { steering, board } = steerNothing();
  steering.add(ABORT);
  steering.add(HANG);
  board.count('rpc-abort-1', 4, 2);
  assert.equal(steering.fault('rpc-abort-1').hit, 2);
  const changed = steering.change('rpc-abort-1', 'rpc-delay: { delay: 5ms }');
  assert.deepEqual([changed.id, changed.kind, changed.hit], ['rpc-abort-1', 'rpc-delay', 0]);
  const kinds = () => board.windows.map(({ kind }) => kind);
  assert.deepEqual(kinds(), ['rpc-hang', 'rpc-delay']);
  assert.throws(
    () => steering.change('rpc-abort-1', 'rpc-delay: { delay: 5 }'),
    problem('invalid'),
  );
  assert.throws(() => steering.change('rpc-abort-7', HANG), problem('unknown'));
  assert.deepEqual(kinds(), ['rpc-hang', 'rpc-delay']);
  board.refuse('not here');
  assert.throws(() => steering.change('rpc-abort-1', HANG), problem('invalid'));
  assert.deepEqual(kinds(), ['rpc-hang', 'rpc-delay']);
  assert.equal(steering.fault('rpc-abort-1').kind, 'rpc-delay');
});

test('what a fault saw adds up over all who ask; of one that is gone nothing stays', () => {
  const { steering, board } = steerNothing();
  const { id } = steering.add(ABORT);
  board.count(id, 3, 1);
  steering.faults();
  board.count(id, 4, 2);
  board.count('rpc-hang-9', 1, 1);
  const { seen, hit } = steering.fault(id);
  assert.deepEqual([seen, hit], [7, 3]);
});

test('counters have names, count from a reset, and what is now stays now', () => {
  const { steering, counters } = steerNothing();
  counters.callsStarted = 10;
  counters.statuses[0] = 8;
  counters.statuses[14] = 2;
  counters.previousAttempts[0] = 9;
  counters.previousAttempts[1] = 1;
  const { counts, ...now } = steering.counters();
  assert.equal(counts['callsStarted'], 10);
  assert.equal(counts['statuses.UNAVAILABLE'], 2);
  assert.equal(counts['statuses.CANCELLED'], undefined);
  assert.deepEqual([counts['previousAttempts.0'], counts['previousAttempts.1']], [9, 1]);
  assert.deepEqual(now, { connectionsOpen: 1, callsOpen: 2, heldBytes: 7 });
  steering.reset();
  counters.callsStarted = 13;
  counters.statuses[14] = 3;
  const { counts: since } = steering.counters();
  assert.equal(since['callsStarted'], 3);
  assert.equal(since['statuses.UNAVAILABLE'], 1);
  assert.equal(since['statuses.OK'], 0);
});

test('what is not seen is absent, not 0', () => {
  const { steering } = steerNothing(false);
  assert.equal('callsOpen' in steering.counters(), false);
});

test('who adds without end is told before it hurts', () => {
  const { steering } = steerNothing();
  for (let fault = 0; fault < 1_000; fault++) steering.add(HANG);
  assert.throws(() => steering.add(HANG), problem('full'));
});

test('kinds are those that a proxy can carry out, with their options', () => {
  const { steering } = steerNothing();
  const kinds = steering.kinds();
  const abort = kinds.find(({ kind }) => kind === 'rpc-abort');
  assert.deepEqual(abort?.options, ['code', 'pushback', 'after', 'stage', 'message']);
  assert.ok(abort?.targeting.includes('share') && !abort.targeting.includes('phase'));
  const able = Object.values(faults).filter(({ layers }) =>
    (layers as readonly string[]).includes('proxy'),
  );
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    able.map(({ kind }) => kind),
  );
  for (const { kind, targeting } of kinds) assert.ok(targeting.includes('for'), kind);
});
