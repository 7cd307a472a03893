// Runs every compiled test file under node's own test runner.
//
//   node tools/run-tests.mjs [--interop] [WORD ...]     only the files whose path contains one of the words
//
// With --interop those that are whole runs, or need programs which others wrote (*.interop.test.ts), one
// after another: a neighbour on a small machine would make a run call itself saturated. Else only the
// others, two files at once, and last, alone, those that hold measured times closely against each other.
// Node 20's runner takes no globs, hence the list.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
/** Files that compare times closely, by the ends of their paths. */
const MEASURING = ['src/base/due-queue.test.js', 'src/targets/service-wait.test.js'];
const measures = (file) =>
  isInterop || MEASURING.some((end) => file.endsWith(join(...end.split('/'))));

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
  run(
    files.filter((file) => !measures(file)),
    2,
  ),
  run(files.filter(measures), 1),
];
process.exit(Math.max(...statuses));
