import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginNow, startTestFleet } from '../../test/support/fleet.js';
import { monotonicNowNs } from '../base/clock.js';
import { clientSchema } from '../drivers/client-schema.js';
import { readMerged } from '../metrics/merged-durations.js';
import { startWorkerPool } from './pool.js';
import type { ShardTask, Snapshot } from './protocol.js';

function taskFor(
  worker: number,
  workers: number,
  address: string,
  changes: Partial<ShardTask> = {},
): ShardTask {
  const durationNs = 500e6;
  return {
    worker,
    workers,
    seed: 7,
    intervalNs: 100e6,
    pacing: 'relaxed',
    durationNs,
    phases: [{ name: 'steady', fromNs: 0, toNs: durationNs, discard: false }],
    loads: [
      {
        name: 'say',
        call: { kind: 'unary', options: { messageSize: 32 } },
        arrivals: { kind: 'constant', options: 200 },
        inFlightMax: 100,
        deadlineNs: 2e9,
      },
    ],
    client: clientSchema.parse({}),
    addresses: [address],
    ...changes,
  };
}

const offeredIn = (snapshots: readonly Snapshot[]) =>
  snapshots.flatMap(({ calls }) => calls).reduce((sum, cell) => sum + cell.offered, 0);

test('workers share a schedule: together they offer each of its calls once', async () => {
  await using fleet = await startTestFleet();
  beginNow(fleet);
  const snapshots: Snapshot[][] = [[], [], []];
  await using pool = await startWorkerPool({
    tasks: snapshots.map((_, worker) => taskFor(worker, 3, fleet.address)),
    onSnapshot: (worker, snapshot) => snapshots[worker]?.push(snapshot),
    onCrash: (worker, reason) => assert.fail(`worker ${worker}: ${reason}`),
  });
  pool.begin(monotonicNowNs());
  await pool.finished;
  // 200/s for half a second: calls 0 … 99, dealt out in turn.
  assert.deepEqual(snapshots.map(offeredIn), [34, 33, 33]);
  // Intervals follow each other without a gap, and the last one leaves nothing open.
  for (const own of snapshots) {
    const ends = own.map(({ toNs }) => toNs);
    assert.deepEqual(
      own.map(({ fromNs }) => fromNs),
      [0, ...ends.slice(0, -1)],
    );
    assert.equal(own.at(-1)?.inFlight, 0);
    // Little's law: the number of open calls over time is the sum of the calls' own times.
    const cells = own.flatMap(({ calls }) => calls);
    const openNs = cells.reduce((sum, cell) => sum + (cell.openNs ?? 0), 0);
    const timesNs = readMerged(
      cells.map(({ serviceTime }) => serviceTime),
      (all) => all.count * all.meanNs,
    );
    assert.ok(Math.abs(openNs / timesNs - 1) < 1e-3, `${openNs} ns, not ${timesNs}`);
  }
});

test('a stopped pool ends long before its load would have', async () => {
  await using fleet = await startTestFleet();
  beginNow(fleet);
  let seen = 0;
  let stopAsked = false;
  const hour = { name: 'steady', fromNs: 0, toNs: 3600e9, discard: false };
  await using pool = await startWorkerPool({
    tasks: [taskFor(0, 1, fleet.address, { durationNs: 3600e9, phases: [hour] })],
    onSnapshot: () => {
      if (++seen === 2) {
        stopAsked = true;
        pool.stop();
      }
    },
    onCrash: (worker, reason) => assert.fail(`worker ${worker}: ${reason}`),
  });
  pool.begin(monotonicNowNs());
  await pool.finished;
  assert.ok(stopAsked);
});

test('a worker that crashes is told, and the others end with what they measured', async () => {
  await using fleet = await startTestFleet();
  beginNow(fleet);
  const crashes: string[] = [];
  const survivors: Snapshot[] = [];
  const hour = { name: 'steady', fromNs: 0, toNs: 3600e9, discard: false };
  const long = { durationNs: 3600e9, phases: [hour] };
  const [say] = taskFor(1, 2, fleet.address).loads;
  assert.ok(say);
  const everySecond = { ...say, arrivals: { kind: 'constant', options: 2 } };
  await using pool = await startWorkerPool({
    tasks: [
      taskFor(0, 2, fleet.address, long),
      // Its first call is due after half a second: without a phase to count it under, that is an
      // error in a timer.
      taskFor(1, 2, fleet.address, { ...long, phases: [], loads: [everySecond] }),
    ],
    onSnapshot: (worker, snapshot) => worker === 0 && survivors.push(snapshot),
    onCrash: (worker, reason) => crashes.push(`${worker}: ${reason}`),
  });
  pool.begin(monotonicNowNs());
  await assert.rejects(pool.finished, /worker 1 crashed: no phase -1 of 0/);
  assert.deepEqual(crashes, ['1: no phase -1 of 0']);
  assert.ok(offeredIn(survivors) > 0);
});

test('a pool whose server is not there fails before any load', async () => {
  const started = startWorkerPool({
    tasks: [taskFor(0, 1, '127.0.0.1:1', { connectTimeoutMs: 300 })],
    onSnapshot: () => assert.fail('a snapshot'),
    onCrash: () => {},
  });
  await assert.rejects(started, /no connection to 127\.0\.0\.1:1 within 0\.3 s/);
});
