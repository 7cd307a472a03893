/**
 * A load whose every call is kept: the product's own schedule, pacing, driver and servers, with an
 * owner of tickets that writes down each call instead of counting it. The product itself keeps nothing
 * per call; the oracle needs each.
 */
import type { AnyOpenArrivalKind } from '../../src/arrivals/arrival.js';
import { openArrivals } from '../../src/arrivals/index.js';
import { scheduleOf, shardOf } from '../../src/arrivals/shard.js';
import { entryOf } from '../../src/base/catalogue.js';
import { loadClock, monotonicNowNs, NS_PER_MS } from '../../src/base/clock.js';
import { deferred } from '../../src/base/deferred.js';
import { DueQueue } from '../../src/base/due-queue.js';
import { type CallOwner, CallTicket } from '../../src/calls/ticket.js';
import { unary } from '../../src/calls/unary.js';
import { clientSchema } from '../../src/drivers/client-schema.js';
import { createDriver } from '../../src/drivers/create-driver.js';
import type { Driver } from '../../src/drivers/driver.js';
import type { ClientSpec } from '../../src/drivers/spec.js';
import { startFleet } from '../../src/targets/fleet.js';
import type { Capacity, ServerKind } from '../../src/targets/spec.js';
import { watchCoreWait } from './core-wait.js';
import type { DrawnLoad } from './drawn-calls.js';

export interface TimedLoad extends Omit<DrawnLoad, 'serviceTime'> {
  readonly driver: ClientSpec['driver'];
  readonly server: ServerKind;
  readonly capacity: Capacity;
}

/** Times on the load clock, in ns; a call's index is its ordinal. */
export interface TimedCalls {
  readonly dueNs: Float64Array;
  readonly sentNs: Float64Array;
  readonly endNs: Float64Array;
  /** gRPC status codes. */
  readonly codes: Uint8Array;
}

/** A load's calls, and beside them as many that ask for no service. */
export interface TimedRun {
  readonly calls: TimedCalls;
  /**
   * Calls of another schedule at the same rate on a backend that answers at once, at the same time in
   * the same processes' surroundings: what the way there and back costs, client and server included.
   */
  readonly way: TimedCalls;
  /** Share of the time that client or server was ready to run and had no core, where that is known. */
  readonly coreWaitShare: number | undefined;
}

/** Before it, the drivers' and servers' code is compiled: so many calls to each backend, not kept. */
const WARM_UP_CALLS = 500;
const LEAD_NS = 50 * NS_PER_MS;
const CONNECT_MS_MAX = 10_000;

/** Runs a load on a backend in a process of its own, to the end of its last call. */
export async function timeCalls(load: TimedLoad): Promise<TimedRun> {
  const { server, capacity } = load;
  await using fleet = await startFleet({
    specs: [
      { name: 'b0', port: 0, server, capacity },
      { name: 'b1', port: 0, server },
    ],
    variant: 'truth',
    seed: load.seed,
    faults: [],
    intervalNs: 1e9,
    sink: { write() {} },
    onLost: (backend, reason) => {
      throw new Error(`backend ${backend} was lost: ${reason}`);
    },
  });
  const [served = '', plain = ''] = fleet.backends.map(({ address }) => address);
  using toServed = createDriver([served], clientSchema.parse({ driver: load.driver }));
  using toPlain = createDriver([plain], clientSchema.parse({ driver: load.driver }));
  await Promise.all([toServed.ready(CONNECT_MS_MAX), toPlain.ready(CONNECT_MS_MAX)]);
  const warmUp = Float64Array.from({ length: WARM_UP_CALLS }, (_, i) => i * NS_PER_MS);
  await follow(load, [
    { dueNs: warmUp, driver: toServed },
    { dueNs: warmUp, driver: toPlain },
  ]);
  const coreWait = watchCoreWait([process.pid, ...fleet.backends.map(({ pid }) => pid)]);
  const [calls, way] = await follow(load, [
    { dueNs: scheduleOfLoad(load), driver: toServed },
    { dueNs: scheduleOfLoad({ ...load, name: `${load.name}/way` }), driver: toPlain },
  ]);
  const coreWaitShare = coreWait();
  await fleet.stop();
  if (calls === undefined || way === undefined) throw new Error('two schedules were followed');
  return { calls, way, coreWaitShare };
}

function scheduleOfLoad({ arrivals, seed, name, durationNs }: TimedLoad): Float64Array {
  const kind = entryOf<AnyOpenArrivalKind>(openArrivals, arrivals.kind);
  const schedule = scheduleOf(kind, arrivals.options, seed, name);
  return Float64Array.from(shardOf(schedule, 0, 1, durationNs), ({ dueNs }) => dueNs);
}

/** Sends each schedule's calls when they are due, precisely paced, and waits for all to end. */
async function follow(
  load: TimedLoad,
  schedules: readonly { readonly dueNs: Float64Array; readonly driver: Driver }[],
): Promise<TimedCalls[]> {
  const zeroNs = monotonicNowNs() + LEAD_NS;
  const queue = new DueQueue(loadClock(zeroNs), 'precise');
  return await Promise.all(
    schedules.map(({ dueNs, driver }) => followOne(load, dueNs, driver, zeroNs, queue)),
  );
}

async function followOne(
  { name, seed }: TimedLoad,
  dueNs: Float64Array,
  driver: Driver,
  zeroNs: number,
  queue: DueQueue,
): Promise<TimedCalls> {
  const now = loadClock(zeroNs);
  const [channel] = driver.channels;
  if (channel === undefined) throw new Error('a driver has at least one channel');
  const timed = emptyTimes(dueNs);
  const over = deferred();
  let open = dueNs.length;
  const owner: CallOwner = {
    now,
    zeroNs,
    hedges: false,
    attemptStarted() {},
    attemptEnded() {},
    callEnded({ ordinal }, code) {
      timed.endNs[ordinal] = now();
      timed.codes[ordinal] = code;
      if (--open === 0) over.resolve();
    },
  };
  const start = unary.prepare(unary.schema.parse({}), {
    seed,
    load: name,
    worker: 0,
    now,
    at: (atNs, run) => queue.at(atNs, run),
    channel: () => channel,
    deadlineNs: undefined,
    messages: {
      due() {},
      received() {},
      receivedSlowly() {},
      stalled() {},
      resumed() {},
      buffered() {},
    },
  });
  dueNs.forEach((atNs, ordinal) => {
    queue.at(atNs, () => {
      const ticket = new CallTicket(owner, ordinal, atNs, 0);
      ticket.sentNs = now();
      timed.sentNs[ordinal] = ticket.sentNs;
      start(ticket, 0);
    });
  });
  await over.promise;
  return timed;
}

function emptyTimes(dueNs: Float64Array): TimedCalls {
  const { length } = dueNs;
  return {
    dueNs,
    sentNs: new Float64Array(length),
    endNs: new Float64Array(length),
    codes: new Uint8Array(length),
  };
}
