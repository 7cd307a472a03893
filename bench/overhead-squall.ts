/** squall's side: the same closed loop as a scenario drives it, with everything recorded. */

import { monotonicNowNs } from '../src/base/clock.js';
import { clientSchema } from '../src/drivers/client-schema.js';
import type { CallCell } from '../src/metrics/record.js';
import { startWorkerPool } from '../src/workers/pool.js';
import { loopOptions, report, startCost, WARM_UP_SECONDS } from './overhead-loop.js';

const { address, seconds, inFlight } = loopOptions();
const durationNs = (WARM_UP_SECONDS + seconds + 1) * 1e9;
const endOfMeasure = WARM_UP_SECONDS + seconds;

let calls = 0;
let snapshots = 0;
let cost: ReturnType<typeof startCost> | undefined;

await using pool = await startWorkerPool({
  tasks: [
    {
      worker: 0,
      workers: 1,
      seed: 1,
      intervalNs: 1e9,
      pacing: 'relaxed',
      durationNs,
      phases: [{ name: 'steady', fromNs: 0, toNs: durationNs, discard: false }],
      loads: [
        {
          name: 'say',
          call: { kind: 'unary', options: { messageSize: 33 } },
          arrivals: { kind: 'closed', options: inFlight },
          inFlightMax: 10_000,
          deadlineNs: 1e9,
        },
      ],
      client: clientSchema.parse({}),
      addresses: [address],
    },
  ],
  // The stretch is measured from snapshot to snapshot, so that every call in it was counted in it.
  onSnapshot(_worker, snapshot) {
    snapshots++;
    if (cost !== undefined) calls += completed(snapshot.calls);
    if (snapshots === WARM_UP_SECONDS) cost = startCost();
    if (snapshots === endOfMeasure) report((cost ?? startCost())(calls));
  },
  onCrash: (worker, reason) => {
    throw new Error(`worker ${worker} crashed: ${reason}`);
  },
});
pool.begin(monotonicNowNs());
await pool.finished;

function completed(cells: readonly CallCell[]): number {
  return cells.reduce((sum, cell) => sum + cell.completed, 0);
}
