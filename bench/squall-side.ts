/**
 * squall's side of the benchmarks: one worker thread of the product with its conductor, driving one load
 * as a scenario would, everything recorded; in a process of its own.
 */

import { monotonicNowNs } from '../src/base/clock.js';
import { clientSchema } from '../src/drivers/client-schema.js';
import { DurationHistogram } from '../src/metrics/histogram.js';
import { startWorkerPool } from '../src/workers/pool.js';
import type { Snapshot } from '../src/workers/protocol.js';
import type { LoadSpec } from '../src/workers/spec.js';
import { type LoopOptions, loopOptions, report, startCost, WARM_UP_SECONDS } from './loop-cost.js';

const SAY: Pick<LoadSpec, 'name' | 'call' | 'inFlightMax'> = {
  name: 'say',
  call: { kind: 'unary', options: { messageSize: 33, payload: 'same' } },
  inFlightMax: 100_000,
};

/** Everything that was counted in the measured stretch. */
class Tally {
  readonly lateness = new DurationHistogram();
  readonly messageLatency = new DurationHistogram();
  readonly latency = new DurationHistogram();
  good = 0;
  failed = 0;
  missed = 0;
  messages = 0;
  inFlight = 0;

  add(snapshot: Snapshot): void {
    for (const cell of snapshot.calls) {
      this.good += cell.byCode.OK ?? 0;
      this.failed += cell.completed - (cell.byCode.OK ?? 0);
      this.missed += cell.missed;
      if (cell.latency !== undefined) this.latency.addEncoded(cell.latency);
      if (cell.lateness !== undefined) this.lateness.addEncoded(cell.lateness);
    }
    for (const cell of snapshot.streams) {
      this.messages += cell.messagesReceived;
      this.missed += cell.messagesMissed;
      if (cell.messageLatency !== undefined) this.messageLatency.addEncoded(cell.messageLatency);
    }
    this.inFlight = snapshot.inFlight;
  }
}

/** A load that never ends of itself: the process does when it has reported. */
const FOR_EVER_NS = 3600e9;

async function main(options: LoopOptions): Promise<void> {
  const { address, seconds, inFlight = 1, client = {}, pacing = 'relaxed' } = options;
  const { arrivals = { kind: 'closed', options: inFlight } } = options;
  const { deadlineSeconds = 1 } = options;
  const { load = { ...SAY, arrivals, deadlineNs: deadlineSeconds * 1e9 } } = options;
  const { untilCalls = 0, warmUpSeconds = WARM_UP_SECONDS } = options;
  const tally = new Tally();
  let snapshots = 0;
  let callsBefore = 0;
  let cost: ReturnType<typeof startCost> | undefined;
  // The stretch is measured from snapshot to snapshot, so that every call in it was counted in it.
  const onSnapshot = (_worker: number, snapshot: Snapshot) => {
    snapshots++;
    if (cost !== undefined) tally.add(snapshot);
    else callsBefore += snapshot.calls.reduce((sum, cell) => sum + cell.completed, 0);
    if (
      cost === undefined &&
      snapshots >= warmUpSeconds &&
      callsBefore >= (options.fromCalls ?? 0)
    ) {
      cost = startCost();
    }
    if (cost === undefined || snapshots < warmUpSeconds + seconds) return;
    if (callsBefore + tally.good + tally.failed < untilCalls) return;
    report({
      ...cost(tally.good, tally.failed),
      missed: tally.missed,
      messages: tally.messages,
      inFlight: tally.inFlight,
      lateness: tally.lateness.summarise(),
      messageLatency: tally.messageLatency.summarise(),
      latency: tally.latency.summarise(),
    });
  };
  await using pool = await startWorkerPool({
    tasks: [
      {
        worker: 0,
        workers: 1,
        seed: 1,
        intervalNs: 1e9,
        pacing,
        durationNs: FOR_EVER_NS,
        phases: [{ name: 'steady', fromNs: 0, toNs: FOR_EVER_NS, discard: false }],
        loads: [load],
        // Plain servers ask for no call ids, and the other sides send none.
        client: { ...clientSchema.parse(client), callIds: false },
        addresses: [address],
      },
    ],
    onSnapshot,
    onCrash: (worker, reason) => {
      throw new Error(`worker ${worker} crashed: ${reason}`);
    },
  });
  pool.begin(monotonicNowNs());
  await pool.finished;
}

await main(loopOptions());
