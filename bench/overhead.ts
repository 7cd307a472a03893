/**
 * What the load side costs beside a bare loop.
 *
 *   npm run bench:overhead [-- --rounds 5 --seconds 4 --in-flight 32]
 *
 * Two client processes, one after the other, against one and the same server process: a bare closed
 * loop of grpc-js unary calls through a generated stub, recording nothing, and squall's own load side
 * (conductor, one worker thread, schedule, tickets, attempts by backend, histograms, snapshots). Each
 * measures the CPU time of its whole process over a stretch of calls after a warm-up, so start-up is
 * left out and every thread is in. They alternate; the figure is the ratio of CPU per call in each pair.
 */
import Table from 'cli-table3';
import { startFleet } from '../src/targets/fleet.js';
import { benchOptions } from './bench-options.js';
import { type CallCost, type LoopOptions, runLoop } from './loop-cost.js';
import { median } from './median.js';

const { values } = benchOptions({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    'in-flight': { type: 'string', default: '32' },
    json: { type: 'boolean', default: false },
  },
});

const LOOPS = { bare: 'overhead-bare', squall: 'squall-side' } as const;
type Side = keyof typeof LOOPS;

await using fleet = await startFleet({
  specs: [{ name: 'b0', port: 0 }],
  variant: 'overhead',
  seed: 1,
  faults: [],
  intervalNs: 1e9,
  sink: { write: () => {} },
  onLost: (backend, reason) => {
    throw new Error(`backend ${backend} was lost: ${reason}`);
  },
});
const options: LoopOptions = {
  address: fleet.backends[0]?.address ?? '',
  seconds: Number(values.seconds),
  inFlight: Number(values['in-flight']),
};
const rounds: { bare: CallCost; squall: CallCost; ratio: number }[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  // Which goes first alternates too, so that a machine that slows down favours neither.
  const order: Side[] = round % 2 === 0 ? ['bare', 'squall'] : ['squall', 'bare'];
  const costs: Partial<Record<Side, CallCost>> = {};
  for (const side of order) costs[side] = await runLoop(LOOPS[side], options);
  const { bare, squall } = costs as Record<Side, CallCost>;
  rounds.push({ bare, squall, ratio: squall.cpuUsPerCall / bare.cpuUsPerCall });
}
await fleet.stop();

const ratios = rounds.map(({ ratio }) => ratio);
const result = {
  rounds,
  ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
};
if (values.json) {
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} else {
  const table = new Table({
    head: ['round', 'bare µs/call', 'bare calls/s', 'squall µs/call', 'squall calls/s', 'ratio'],
    style: { head: [], border: [] },
    colAligns: ['right', 'right', 'right', 'right', 'right', 'right'],
  });
  rounds.forEach(({ bare, squall, ratio }, index) => {
    table.push([
      index + 1,
      bare.cpuUsPerCall.toFixed(1),
      Math.round(bare.callsPerSecond),
      squall.cpuUsPerCall.toFixed(1),
      Math.round(squall.callsPerSecond),
      ratio.toFixed(3),
    ]);
  });
  const { ratio } = result;
  process.stdout.write(
    `${table.toString()}\nCPU per call, squall ÷ bare loop: ${ratio.median.toFixed(3)} ` +
      `(${ratio.min.toFixed(3)} to ${ratio.max.toFixed(3)})\n`,
  );
}
