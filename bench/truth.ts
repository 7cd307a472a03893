/**
 * Measured figures beside arithmetic: does this harness tell the truth?
 *
 *   npm run bench:truth [-- --only NAME … --driver wire --quick --seed 7 --json FILE]
 *
 * Real servers in processes of their own, both drivers, and queues whose behaviour is known from
 * theory. Each row has what theory expects, what the product reported, the interval of chance around it,
 * and what a model makes of the very same draws. Exit code 1 when a row does not hold.
 */
import { writeFileSync } from 'node:fs';
import type { ClientSpec } from '../src/drivers/spec.js';
import { describeHost } from '../src/run/host.js';
import { benchOptions } from './bench-options.js';
import { truths } from './truth/index.js';
import { LEVEL } from './truth/interval.js';
import { laws } from './truth/laws.js';
import { isGood, type Row } from './truth/row.js';
import { renderTable } from './truth/table.js';
import { type Law, rowsUntilGood, type Truth } from './truth/truth.js';

const DRIVERS: readonly ClientSpec['driver'][] = ['grpc-js', 'wire'];
/** Calls that are drawn for each law. */
const LAW_CALLS = 1_000_000;
const QUICK = 0.3;

const { values } = benchOptions({
  options: {
    only: { type: 'string', multiple: true },
    driver: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '7' },
    json: { type: 'string' },
  },
});

/** Names that do not exist are told, all of them, before anything runs. */
function chosen<Entry>(given: readonly string[] | undefined, all: ReadonlyMap<string, Entry>) {
  const unknown = given?.filter((name) => !all.has(name)) ?? [];
  if (unknown.length > 0) {
    process.stderr.write(`no ${unknown.join(', ')}; one of: ${[...all.keys()].join(', ')}\n`);
    process.exit(2);
  }
  return [...all].filter(([name]) => given?.includes(name) ?? true).map(([, entry]) => entry);
}

const seed = Number(values.seed);
const scale = values.quick ? QUICK : 1;
const named = new Map<string, Truth | Law>([
  [laws.name, laws],
  ...truths.map((truth) => [truth.name, truth] as const),
]);
const wanted = chosen(values.only, named);
const drivers = chosen(values.driver, new Map(DRIVERS.map((driver) => [driver, driver])));

const startedMs = performance.now();
const rows: Row[] = [];
for (const entry of wanted) {
  process.stderr.write(`${entry.name}: ${entry.summary}\n`);
  if (entry === laws) {
    rows.push(...laws.rows(seed, LAW_CALLS * scale));
    continue;
  }
  for (const driver of drivers) {
    const truth = entry as Truth;
    rows.push(...(await rowsUntilGood(() => truth.rows({ driver, seed, scale }))));
  }
}
const seconds = Math.round((performance.now() - startedMs) / 1e3);
process.stdout.write(renderTable(rows));
process.stdout.write(`Seed ${seed}, ${seconds} s.\n`);
if (values.json !== undefined) {
  const result = { seed, quick: values.quick, level: LEVEL, seconds, host: describeHost(), rows };
  writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}
process.exitCode = rows.every(isGood) ? 0 : 1;
