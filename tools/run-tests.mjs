// Runs every compiled test file under node's own test runner.
//
//   node tools/run-tests.mjs [--interop] [WORD ...]     only the files whose path contains one of the words
//
// With --interop those that need programs which others wrote, or many seconds (*.interop.test.ts), and
// else only the others.
//
// First the rooms that know neither servers nor the time, two files at once. Then the others, one after
// another: they start processes and measure, and two at once on a small machine would disturb each
// other's figures. Node 20's runner takes no globs, hence the list.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const isInterop = process.argv.includes('--interop');
const words = process.argv.slice(2).filter((word) => word !== '--interop');

const files = readdirSync(join(root, 'dist'), { recursive: true })
  .filter((file) => file.endsWith('.test.js') && file.endsWith('.interop.test.js') === isInterop)
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort()
  .map((file) => join('dist', file));

if (files.length === 0) {
  process.stderr.write(`no test file matches ${words.join(', ') || 'dist/**/*.test.js'}\n`);
  process.exit(1);
}
/** Whole runs of which only words and exit codes are read. */
const RUNS = ['bad-input', 'bad-days'];
/** Rooms whose tests compute and do not measure. */
const PURE = [
  'base',
  'metrics',
  'arrivals',
  'calls',
  'faults',
  'balancers',
  'checks',
  'http2',
  'gates',
  'analysis',
];
const isPure = (file) =>
  PURE.some((room) => file.startsWith(join('dist', 'src', room) + sep)) ||
  RUNS.some((name) => file === join('dist', 'test', 'e2e', `${name}.test.js`));

function run(some, concurrency) {
  if (some.length === 0) return 0;
  const { status } = spawnSync(
    process.execPath,
    ['--enable-source-maps', '--test', `--test-concurrency=${concurrency}`, ...some],
    { cwd: root, stdio: 'inherit' },
  );
  return status ?? 1;
}

const statuses = [
  run(files.filter(isPure), 2),
  run(
    files.filter((file) => !isPure(file)),
    1,
  ),
];
process.exit(Math.max(...statuses));
