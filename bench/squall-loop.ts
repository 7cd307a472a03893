/** squall's side: a closed loop as a scenario drives it, with everything recorded. */

import { monotonicNowNs } from '../src/base/clock.js';
import { clientSchema } from '../src/drivers/client-schema.js';
import type { CallCell } from '../src/metrics/record.js';
import { startWorkerPool } from '../src/workers/pool.js';
import { loopOptions, report, startCost, WARM_UP_SECONDS } from './loop-cost.js';

const { address, seconds, inFlight, client = {} } = loopOptions();
const durationNs = (WARM_UP_SECONDS + seconds + 1) * 1e9;
const endOfMeasure = WARM_UP_SECONDS + seconds;

let good = 0;
let failed = 0;
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
      client: { ...clientSchema.parse(client), callIds: false },
      addresses: [address],
    },
  ],
  // The stretch is measured from snapshot to snapshot, so that every call in it was counted in it.
  onSnapshot(_worker, snapshot) {
    snapshots++;
    if (cost !== undefined) count(snapshot.calls);
    if (snapshots === WARM_UP_SECONDS) cost = startCost();
    if (snapshots === endOfMeasure) report((cost ?? startCost())(good, failed));
  },
  onCrash: (worker, reason) => {
    throw new Error(`worker ${worker} crashed: ${reason}`);
  },
});
pool.begin(monotonicNowNs());
await pool.finished;

function count(cells: readonly CallCell[]): void {
  for (const cell of cells) {
    good += cell.byCode.OK ?? 0;
    failed += cell.completed - (cell.byCode.OK ?? 0);
  }
}
