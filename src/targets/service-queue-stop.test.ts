/** What a queue with `stops` does with requests that nobody waits for any more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../test/support/manual-clock.js';
import { createServiceQueue, type ServiceRequest } from './service-queue.js';

function start(changes: { readonly queue?: number; readonly stops?: boolean } = {}) {
  const clock = createManualClock();
  const served: string[] = [];
  const queue = createServiceQueue({
    slots: 1,
    queue: 10,
    stops: true,
    ...changes,
    now: clock.now,
    callAt: clock.callAt,
    onQueued: () => {},
  });
  const gone = new Set<string>();
  const persisting = new Set<string>();
  const submit = (name: string, serviceNs = 100, deadlineNs = Number.POSITIVE_INFINITY) => {
    const request: ServiceRequest = {
      serviceNs,
      deadlineNs,
      isGone: () => gone.has(name),
      persists: () => persisting.has(name),
      finished: (startNs, endNs) => served.push(`${name} ${startNs}-${endNs}`),
    };
    const isAccepted = queue.submit(request);
    const leave = () => {
      gone.add(name);
      queue.abandon(request);
    };
    return { isAccepted, leave };
  };
  return { clock, queue, served, submit, persisting };
}

test('its slot is the next one’s as soon as a client is gone, and what was done is wasted', () => {
  const { clock, queue, served, submit } = start();
  const first = submit('first');
  submit('second');
  clock.advanceTo(40);
  first.leave();
  first.leave();
  clock.advanceTo(1_000);
  assert.deepEqual(served, ['second 40-140']);
  const { busyNs, servedNs, wasted, wastedNs } = queue.takeCounts();
  assert.deepEqual([busyNs, servedNs, wasted, wastedNs], [140, 140, 0, 40]);
  assert.equal(clock.armed, 0);
});

test('whoever leaves the line makes room in it, and is never served', () => {
  const { clock, queue, served, submit } = start({ queue: 2 });
  submit('first');
  const second = submit('second');
  submit('third');
  assert.equal(submit('refused').isAccepted, false);
  second.leave();
  assert.equal(submit('fourth').isAccepted, true);
  assert.equal(submit('refused too').isAccepted, false);
  clock.advanceTo(1_000);
  assert.deepEqual(served, ['first 0-100', 'third 100-200', 'fourth 200-300']);
  const { shed, busyNs, wastedNs, queueLengthMax } = queue.takeCounts();
  assert.deepEqual([shed, busyNs, wastedNs, queueLengthMax], [2, 300, 0, 2]);
});

test('a request whose deadline passed in line is not begun, also when nobody says so', () => {
  const { clock, queue, served, submit } = start();
  submit('first');
  const late = submit('late', 100, 99);
  submit('in time', 100, 101);
  clock.advanceTo(150);
  late.leave();
  clock.advanceTo(1_000);
  assert.deepEqual(served, ['first 0-100', 'in time 100-200']);
  const { wasted, wastedNs } = queue.takeCounts();
  assert.deepEqual([wasted, wastedNs], [0, 0]);
});

test('what is begun too late and then given up is wasted as far as it got, once', () => {
  const { clock, queue, submit } = start();
  clock.advanceTo(20);
  const late = submit('late', 100, 10);
  clock.advanceTo(50);
  late.leave();
  const { wasted, wastedNs, servedNs, busyNs } = queue.takeCounts();
  assert.deepEqual([wasted, wastedNs, servedNs, busyNs], [1, 30, 30, 30]);
});

test('one that persists keeps its place and its slot, and all of it is wasted', () => {
  const { clock, queue, served, submit, persisting } = start();
  persisting.add('first').add('second');
  const first = submit('first');
  const second = submit('second');
  submit('third');
  clock.advanceTo(40);
  first.leave();
  second.leave();
  clock.advanceTo(1_000);
  assert.deepEqual(served, ['first 0-100', 'second 100-200', 'third 200-300']);
  assert.deepEqual(queue.takeCounts().wastedNs, 200);
});

test('slots freed by leaving serve as many as slots that were never taken', () => {
  const { clock, queue, served, submit } = start();
  for (let round = 0; round < 50; round++) {
    const request = submit(`left ${round}`, 1_000_000);
    clock.advanceTo(clock.now() + 1);
    request.leave();
  }
  submit('last');
  clock.advanceTo(clock.now() + 100);
  assert.deepEqual(served, ['last 50-150']);
  assert.equal(queue.takeCounts().busyNs, 150);
});

test('without `stops` nothing is given up', () => {
  const { clock, queue, served, submit } = start({ stops: false });
  const first = submit('first');
  clock.advanceTo(40);
  first.leave();
  clock.advanceTo(1_000);
  assert.deepEqual(served, ['first 0-100']);
  assert.equal(queue.takeCounts().wastedNs, 100);
});
