/** Discovery faults as workers play them: real threads, real servers, one load clock for all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultWindow } from '../../test/support/fleet.js';
import { startServers } from '../../test/support/numbered-servers.js';
import { monotonicNowNs } from '../base/clock.js';
import { clientSchema } from '../drivers/client-schema.js';
import { ClientDiscovery, type WorkerEvent } from './client-discovery.js';
import { startWorkerPool } from './pool.js';
import type { ShardTask, Snapshot } from './protocol.js';

const MS = 1e6;

/** What was said, without the times. */
const saidIn = (events: readonly WorkerEvent[]) =>
  events.flatMap(({ discovery }) =>
    discovery === undefined ? [] : ['code' in discovery ? discovery.code : discovery.backends],
  );

test('all workers are told the same, on one clock, and the record says what', async () => {
  using servers = await startServers(4);
  const durationNs = 400 * MS;
  const churn = faultWindow('disc-churn', { every: '60ms', named: 2 }, { toNs: 300 * MS });
  const task = (worker: number): ShardTask => ({
    worker,
    workers: 2,
    seed: 7,
    intervalNs: 100 * MS,
    pacing: 'relaxed',
    durationNs,
    phases: [{ name: 'steady', fromNs: 0, toNs: durationNs, discard: false }],
    loads: [],
    client: clientSchema.parse({ balancer: 'round_robin', channels: 2 }),
    addresses: servers.backends.map(({ address }) => address),
    discovery: { backends: servers.backends.map(({ name }) => name), faults: [churn] },
  });
  const events: WorkerEvent[] = [];
  const snapshots: Snapshot[] = [];
  await using pool = await startWorkerPool({
    tasks: [task(0), task(1)],
    onSnapshot: (_worker, snapshot) => snapshots.push(snapshot),
    onEvent: (event) => events.push(event),
    onCrash: (worker, reason) => assert.fail(`worker ${worker}: ${reason}`),
  });
  pool.begin(monotonicNowNs());
  await pool.finished;

  const [first, second] = [0, 1].map((worker) =>
    events.filter(({ subject }) => subject === `worker ${worker}`),
  ) as [WorkerEvent[], WorkerEvent[]];
  // At 0, 60, 120, 180 and 240 ms two of the four, from 300 ms on all of them.
  const lists = saidIn(first) as string[][];
  assert.deepEqual(saidIn(second), lists);
  assert.deepEqual(
    lists.map(({ length }) => length),
    [2, 2, 2, 2, 2, 4],
  );
  for (const own of [first, second]) {
    for (const [index, { atNs }] of own.entries()) assert.ok(atNs >= index * 60 * MS);
  }
  // The fault itself, from each worker, with what was planned.
  const tells = events.filter(({ kind }) => kind === 'fault.start' || kind === 'fault.end');
  assert.deepEqual(tells.map(({ detail }) => detail).toSorted(), [
    'disc-churn begins on worker 0',
    'disc-churn begins on worker 1',
    'disc-churn ends on worker 0',
    'disc-churn ends on worker 1',
  ]);
  for (const { atNs, plannedNs = Number.NaN } of tells) assert.ok(atNs >= plannedNs);
  // Six lists for each of two channels in each of two workers.
  const told = snapshots.reduce((sum, { discovery }) => sum + (discovery?.told ?? 0), 0);
  assert.equal(told, 6 * 2 * 2);
});

/** Plays faults in this thread until the last of them is over. */
async function play(...windows: readonly ReturnType<typeof faultWindow>[]) {
  const events: WorkerEvent[] = [];
  using played = new ClientDiscovery({
    worker: 0,
    seed: 7,
    backends: ['b0', 'b1', 'b2'],
    addresses: ['127.0.0.1:1001', '127.0.0.1:1002', '127.0.0.1:1003'],
    faults: windows,
  });
  let over = () => {};
  const isOver = new Promise<void>((resolve) => {
    over = resolve;
  });
  played.begin(monotonicNowNs(), (event) => {
    events.push(event);
    const ends = events.filter(({ kind }) => kind === 'fault.end');
    // What the last one's end changes is said before it is told.
    if (ends.length === windows.length) over();
  });
  await isOver;
  return saidIn(events);
}

test('where one fault follows another, nothing is said between them', async () => {
  const set = (backends: string[], fromMs: number, toMs: number) =>
    faultWindow(
      'disc-set',
      { backends },
      { id: `storm/disc-set#${fromMs}`, backends, fromNs: fromMs * MS, toNs: toMs * MS },
    );
  assert.deepEqual(await play(set(['b0'], 0, 20), set(['b1'], 20, 40)), [
    ['b0'],
    ['b1'],
    ['b0', 'b1', 'b2'],
  ]);
  // A stale answer that begins as a list ends keeps it.
  const stale = faultWindow('disc-stale', {}, { fromNs: 20 * MS, toNs: 40 * MS });
  assert.deepEqual(await play(set(['b0'], 0, 20), stale), [['b0'], ['b0', 'b1', 'b2']]);
});

test('stopped before their time, faults leave name resolution as it was', async () => {
  const events: WorkerEvent[] = [];
  const played = new ClientDiscovery({
    worker: 3,
    seed: 7,
    backends: ['b0', 'b1'],
    addresses: ['127.0.0.1:1001', '127.0.0.1:1002'],
    faults: [
      faultWindow('disc-error', { code: 'INTERNAL' }),
      faultWindow('disc-churn', { every: '1h' }, { backends: ['b0', 'b1'] }),
    ],
  });
  await new Promise<void>((resolve) => {
    played.begin(monotonicNowNs(), (event) => {
      events.push(event);
      if (events.filter(({ kind }) => kind === 'fault.start').length === 2) resolve();
    });
  });
  played[Symbol.dispose]();
  played[Symbol.dispose]();
  assert.deepEqual(
    events.map(({ kind }) => kind),
    // The list of the churn is said when the failure ends, all backends when the churn does.
    ['fault.start', 'discovery', 'fault.start', 'discovery', 'fault.end', 'discovery', 'fault.end'],
  );
  assert.deepEqual(saidIn(events).at(-1), ['b0', 'b1']);
});
