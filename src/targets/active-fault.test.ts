/**
 * What of a fault depends on the order of arrival and on what is open: `count`, `maxActive`, kinds
 * that spare the first so many, and its end. With real clients: `rpc-faults.test.ts`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallView, FaultWindow } from '../faults/fault.js';
import { createCallFaults, type Meeting } from './call-faults.js';

function window(kind: string, options: object, changes: Partial<FaultWindow> = {}): FaultWindow {
  return { id: `storm/${kind}`, kind, phase: 'storm', fromNs: 100, toNs: 200, options, ...changes };
}

const ABORT = { code: 'UNAVAILABLE', stage: 'trailers-only', message: '' };
const SHED = { limit: 2, code: 'RESOURCE_EXHAUSTED', message: '' };
const inside = 150;

function say(ordinal: number, previousAttempts = 0): CallView {
  return { method: '/chat.ChatService/Say', ordinal, previousAttempts };
}

const effectOf = (meeting: Meeting | undefined) => meeting?.effect?.effect;

test('count: hits so many attempts, in the order of their arrival, and sees all', () => {
  const faults = createCallFaults([window('rpc-abort', ABORT, { count: 2 })], 7);
  const met = [5, 3, 9, 1].map((ordinal) => effectOf(faults.meet(say(ordinal), inside)));
  assert.deepEqual(met, ['abort', 'abort', undefined, undefined]);
  const counts = faults.takeCounts()['storm/rpc-abort'];
  assert.deepEqual([counts?.seen, counts?.hit], [4, 2]);
  assert.equal(faults.meet(say(7), inside), undefined, 'a new interval gives no new hits');
});

test('count and share: only attempts that the share picks are counted off', () => {
  const half = window('rpc-abort', ABORT, { share: 0.5 });
  const all = Array.from({ length: 100 }, (_, ordinal) => say(ordinal));
  const hitOf = (fault: FaultWindow) => {
    const faults = createCallFaults([fault], 7);
    return all.filter((call) => faults.meet(call, inside) !== undefined);
  };
  assert.deepEqual(hitOf({ ...half, count: 10 }), hitOf(half).slice(0, 10));
});

test('maxActive: so many are hit at once, and another when one of them is over', () => {
  const faults = createCallFaults([window('rpc-hang', {}, { maxActive: 2 })], 7);
  const first = faults.meet(say(0), inside);
  const second = faults.meet(say(1), inside);
  assert.deepEqual([effectOf(first), effectOf(second)], ['hang', 'hang']);
  assert.equal(faults.meet(say(2), inside), undefined);
  first?.tie?.over();
  first?.tie?.over();
  assert.equal(effectOf(faults.meet(say(3), inside)), 'hang');
  assert.equal(faults.meet(say(4), inside), undefined, 'one end frees one place');
});

test('rpc-shed: spares so many that are open, those from before its start among them', () => {
  const faults = createCallFaults([window('rpc-shed', SHED)], 7);
  const before = faults.meet(say(0), 99);
  assert.equal(effectOf(before), undefined);
  const admitted = faults.meet(say(1), inside);
  assert.equal(effectOf(admitted), undefined);
  assert.equal(effectOf(faults.meet(say(2), inside)), 'abort');
  assert.equal(effectOf(faults.meet(say(3), inside)), 'abort', 'a refused one takes no place');
  before?.tie?.over();
  assert.equal(effectOf(faults.meet(say(4), inside)), undefined);
  assert.equal(effectOf(faults.meet(say(5), inside)), 'abort');
});

test('rpc-shed: what another fault holds is open, what it aborts is not', () => {
  const hang = window('rpc-hang', {}, { count: 1 });
  const abort = window('rpc-abort', ABORT, { count: 1 });
  const faults = createCallFaults([abort, hang, window('rpc-shed', SHED)], 7);
  const met = [0, 1, 2, 3].map((ordinal) => effectOf(faults.meet(say(ordinal), inside)));
  assert.deepEqual(met, ['abort', 'hang', undefined, 'abort']);
  const counts = faults.takeCounts();
  assert.deepEqual([counts['storm/rpc-shed']?.seen, counts['storm/rpc-shed']?.hit], [2, 1]);
});

test('the end of a fault lets go of what it holds, once, and not of what is over', () => {
  const faults = createCallFaults([window('rpc-hang', {})], 7);
  const released: number[] = [];
  const hang = (ordinal: number) => {
    const tie = faults.meet(say(ordinal), inside)?.tie;
    tie?.onFaultOver(() => released.push(ordinal));
    return tie;
  };
  hang(0);
  hang(1)?.over();
  hang(2);
  faults.end('storm/other');
  assert.deepEqual(released, []);
  faults.end('storm/rpc-hang');
  faults.end('storm/rpc-hang');
  assert.deepEqual(released, [0, 2]);
  hang(3);
  assert.deepEqual(released, [0, 2, 3], 'due in its time and come after it: let go at once');
});

test('rpc-rate: hits what is open when it begins, and what was due before and comes then', () => {
  const rate = window('rpc-rate', { messages: 5 }, { count: 3 });
  const faults = createCallFaults([rate], 7);
  const hit: number[] = [];
  const open = (ordinal: number) => {
    const meeting = faults.meet(say(ordinal), 99);
    meeting?.tie?.onHit(({ effect }) => effect === 'pace' && hit.push(ordinal));
    return meeting;
  };
  const first = open(0);
  open(1)?.tie?.over();
  open(2);
  assert.deepEqual([effectOf(first), hit], [undefined, []]);
  faults.begin('storm/rpc-rate');
  assert.deepEqual(hit, [0, 2]);
  assert.equal(effectOf(open(3)), 'pace', 'it came late');
  assert.equal(effectOf(open(4)), undefined, 'count holds for all of them');
  const released: string[] = [];
  first?.tie?.onFaultOver(() => released.push('first'));
  faults.end('storm/rpc-rate');
  assert.deepEqual(released, ['first']);
  assert.equal(faults.meet(say(5), 99), undefined);
});

test('metadata is looked up only for faults that ask for it', () => {
  const plain = createCallFaults([window('rpc-hang', {})], 7);
  assert.equal(plain.asksMetadata, false);
  plain.meet(say(0), inside, () => assert.fail('nobody asked'));
  const blue = createCallFaults([window('rpc-hang', {}, { metadata: { tenant: 'blue' } })], 7);
  assert.equal(blue.asksMetadata, true);
  const valuesOf = (value: string) => (key: string) => (key === 'tenant' ? [value] : []);
  assert.equal(effectOf(blue.meet(say(0), inside, valuesOf('blue'))), 'hang');
  assert.equal(blue.meet(say(1), inside, valuesOf('red')), undefined);
  assert.equal(blue.meet(say(2), inside), undefined);
  assert.equal(blue.takeCounts()['storm/rpc-hang']?.seen, 1);
});

test('attempts that nothing needs to be known of are not tied', () => {
  const faults = createCallFaults([window('rpc-abort', ABORT)], 7);
  assert.equal(faults.meet(say(0), inside)?.tie, undefined);
  assert.equal(faults.meet(say(0), 99), undefined);
});
