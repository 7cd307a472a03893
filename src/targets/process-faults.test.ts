/**
 * What is done to a backend's process, on real processes with real clients: what is lost of a load, what
 * is told, and that everything is as before when the fault is over.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, faultWindow, startTestFleet, type TestFleet } from '../../test/support/fleet.js';
import { isRunning } from '../../test/support/processes.js';
import { type UnaryLoad, unaryLoad } from '../../test/support/unary-load.js';
import { until } from '../../test/support/until.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import type { FaultWindow } from '../faults/fault.js';
import type { EventKind } from '../metrics/record.js';
import { SERVER_KINDS, type ServerKind } from './spec.js';

const MS = 1e6;
const DRIVERS = ['grpc-js', 'wire'] as const;
type DriverName = (typeof DRIVERS)[number];

/** Long enough that some calls are always in flight, short beside everything else. */
const capacity = { slots: 100, queue: 1000, serviceTime: { kind: 'fixed', ns: 20 * MS } } as const;

/** So long that a busy machine alone lets no call miss it. */
const DEADLINE_MS = 20_000;

/** A client that is back soon; the real one goes round. */
function clientOf(driver: DriverName) {
  return clientSchema.parse({
    driver,
    ...(driver === 'grpc-js' ? { balancer: 'round_robin' } : {}),
    options: { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 50 },
  });
}

/**
 * Backends `b0` and on, one more than there are faults, each of the others with a fault of its own; and
 * what both drivers make of it at the same time, until all are back and serve.
 */
async function underLoad(server: ServerKind, faults: readonly FaultWindow[], socket?: 'unix') {
  const names = [...faults.keys(), faults.length].map((index) => `b${index}`);
  await using fleet = await startTestFleet({
    server,
    specs: names.map((name) => ({ name, port: 0, capacity, ...(socket && { socket }) })),
    faults: faults.map((fault, index) => ({ ...fault, backends: [names[index] ?? ''] })),
    intervalNs: 50 * MS,
  });
  const addresses = fleet.backends.map(({ address }) => address);
  const drivers = DRIVERS.map((name) => createDriver(addresses, clientOf(name)));
  await Promise.all(drivers.map((driver) => driver.ready(5_000)));
  beginNow(fleet);
  const areBack = () =>
    faults.every((_, index) => servedSinceStart(fleet, names[index] ?? '') > 10);
  const load = { burst: 1, deadlineMs: DEADLINE_MS, isDone: areBack };
  const loads = await Promise.all(drivers.map(({ channels: [one] }) => unaryLoad(one, load)));
  for (const driver of drivers) driver[Symbol.dispose]();
  await fleet.stop();
  assert.deepEqual(fleet.lost, []);
  const [grpcJs, wire] = loads as [UnaryLoad, UnaryLoad];
  const told = fleet.lines.flatMap((line) => (line.type === 'event' ? [line.kind] : []));
  return { fleet, loads: { 'grpc-js': grpcJs, wire }, told };
}

/** Attempts that the process of a backend which came back has reported. */
function servedSinceStart(fleet: TestFleet, backend: string): number {
  const started = fleet.events('process.started').find(({ subject }) => subject === backend);
  if (started === undefined) return 0;
  return fleet.lines.reduce((served, line) => {
    if (line.type !== 'target' || line.backend !== backend) return served;
    // Its first report begins where it is told to, a moment before the event.
    if (line.fromNs < started.atNs - 5 * MS) return served;
    return served + (line.counts.receivedByPreviousAttempts['0'] ?? 0);
  }, 0);
}

const isOfProcess = (kind: string) => /^(process|fault)\./.test(kind);

for (const server of SERVER_KINDS) {
  describe(`on ${server}`, () => {
    test('a drain with grace loses no call, and the backend is back on its port', async () => {
      const drain = faultWindow(
        'proc-drain',
        { grace: '20s' },
        { fromNs: 50 * MS, toNs: 100 * MS },
      );
      const { fleet, loads, told } = await underLoad(server, [drain]);
      for (const driver of DRIVERS) {
        const { byStatus, ended } = loads[driver];
        assert.deepEqual(byStatus, { OK: ended.length }, `lost by ${driver}`);
      }
      assert.deepEqual(told.filter(isOfProcess), [
        'fault.start',
        'process.draining',
        ...['process.stopped', 'fault.end'].toSorted(byPlaceIn(told)),
        'process.started',
      ]);
      assert.equal(told.filter((kind) => kind === 'health').length, 2, 'it says NOT_SERVING');
      // Nothing was lost, so nothing is uncounted.
      const served = ['b0', 'b1'].map((name) => sum(fleet.totals(name).answeredByCode));
      const sent = DRIVERS.map((driver) => loads[driver].ended.length);
      assert.equal(total(served), total(sent));
    });
  });
}

test('crash and restart: every call ends with a status, and none hangs until its deadline', async () => {
  const faults = (['proc-crash', 'proc-restart'] as const).map((kind) =>
    faultWindow(kind, {}, { fromNs: 50 * MS, toNs: 100 * MS }),
  );
  // On sockets whose files a killed server leaves behind.
  const { fleet, loads } = await underLoad('grpc-js', faults, 'unix');
  for (const driver of DRIVERS) {
    const { byStatus, tookMsMax } = loads[driver];
    const { OK: ok = 0, ...failed } = byStatus;
    const lost = sum(failed);
    assert.ok(lost > 0, 'calls were in flight');
    assert.ok(lost < ok, `${driver}: ${JSON.stringify(byStatus)}`);
    const known = new Set(['UNAVAILABLE', 'CANCELLED', 'INTERNAL']);
    assert.deepEqual(
      Object.keys(failed).filter((status) => !known.has(status)),
      [],
    );
    // Which DEADLINE_EXCEEDED is not: whoever hangs would hang for all of that.
    assert.ok(tookMsMax < DEADLINE_MS / 2, `${driver}: ${tookMsMax} ms`);
  }
  const subjects = (kind: EventKind) => fleet.events(kind).map(({ subject }) => subject);
  assert.deepEqual(subjects('process.crashed'), ['b0']);
  assert.deepEqual(subjects('process.stopped'), ['b1']);
  assert.deepEqual(subjects('process.started').toSorted(), ['b0', 'b1']);
});

const total = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
const sum = (counts: object) => total(Object.values(counts));
const byPlaceIn = (list: readonly string[]) => (a: string, b: string) =>
  list.indexOf(a) - list.indexOf(b);

test('a crash without a return is no loss of the run; a death without a plan is', async () => {
  const crash = faultWindow(
    'proc-crash',
    { comesBack: false },
    { toNs: 20 * MS, backends: ['b0'] },
  );
  await using fleet = await startTestFleet({
    specs: [
      { name: 'b0', port: 0 },
      { name: 'b1', port: 0 },
    ],
    faults: [crash],
  });
  const [gone, other] = fleet.backends.map(({ pid }) => pid);
  beginNow(fleet);
  await until('the end of the fault', () => fleet.events('fault.end').length > 0);
  assert.equal(isRunning(gone ?? 0), false);
  assert.deepEqual(fleet.lost, []);
  process.kill(other ?? 0, 'SIGKILL');
  await until('the loss', () => fleet.lost.length > 0);
  assert.deepEqual(fleet.lost, [{ backend: 'b1', reason: 'was ended by SIGKILL' }]);
  assert.equal(fleet.events('process.started').length, 0);
});

describe('a pause', () => {
  let fleet: TestFleet;
  before(async () => {
    const pause = (fromNs: number, toNs: number) => faultWindow('proc-pause', {}, { fromNs, toNs });
    fleet = await startTestFleet({
      server: 'wire',
      faults: [pause(20 * MS, 300 * MS), pause(400 * MS, 3_600e9)],
    });
  });
  after(() => fleet[Symbol.asyncDispose]());

  test('nobody answers, the connection stays, and it goes on where it was', async () => {
    using client = createChatClient(fleet.address);
    assert.equal((await client.say('before')).code, 0);
    beginNow(fleet);
    await until('the pause', () => fleet.events('process.paused').length === 1);
    assert.equal((await client.say('meanwhile', { deadlineMs: 50 })).code, 4);
    // Without a deadline it is answered when the pause is over, by the same process.
    assert.equal((await client.say('patient')).code, 0);
    assert.equal(fleet.events('process.resumed').length, 1);
    assert.deepEqual(fleet.lost, []);
  });

  test('the run may end during it: it is let go and reports what it has', async () => {
    await until('the second pause', () => fleet.events('process.paused').length === 2);
    const [backend] = fleet.backends;
    await fleet.stop();
    assert.equal(isRunning(backend?.pid ?? 0), false);
    const last = fleet.lines.findLast((line) => line.type === 'target');
    assert.ok(last?.type === 'target' && last.toNs >= 400 * MS, 'its last report is of its end');
    assert.deepEqual(fleet.lost, []);
  });
});

test('who is to be ended without reports during a pause is ended at once', async () => {
  const fleet = await startTestFleet({ faults: [faultWindow('proc-pause', {})] });
  beginNow(fleet);
  await until('the pause', () => fleet.events('process.paused').length > 0);
  const startMs = performance.now();
  await fleet[Symbol.asyncDispose]();
  // SIGTERM would be in vain for two seconds.
  assert.ok(performance.now() - startMs < 1_500);
  assert.equal(isRunning(fleet.backends[0]?.pid ?? 0), false);
});
