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
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { startFleet } from '../src/targets/fleet.js';
import type { CallCost, LoopOptions } from './loop-cost.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    'in-flight': { type: 'string', default: '32' },
    json: { type: 'boolean', default: false },
  },
});

const LOOPS = { bare: './overhead-bare.js', squall: './squall-loop.js' } as const;
type Side = keyof typeof LOOPS;

/** Runs one side in a process of its own and gives what a call cost there. */
async function measure(side: Side, options: LoopOptions): Promise<CallCost> {
  const file = fileURLToPath(new URL(LOOPS[side], import.meta.url));
  const child = fork(file, [JSON.stringify(options)]);
  return await new Promise<CallCost>((resolve, reject) => {
    let cost: CallCost | undefined;
    child.once('message', (message) => {
      cost = message as CallCost;
    });
    child.once('exit', (code) => {
      if (cost !== undefined && code === 0) resolve(cost);
      else reject(new Error(`the ${side} loop ended with exit code ${code}`));
    });
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
}

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
  for (const side of order) costs[side] = await measure(side, options);
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
