// Runs every compiled test file under node's own test runner.
//
//   node tools/run-tests.mjs [WORD ...]     only the files whose path contains one of the words
//
// Files run one after another: many of them start servers and measure time, and two at once on a
// small machine would disturb each other's figures. Node 20's runner takes no globs, hence the list.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const words = process.argv.slice(2);

const files = readdirSync(join(root, 'dist'), { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort()
  .map((file) => join('dist', file));

if (files.length === 0) {
  process.stderr.write(`no test file matches ${words.join(', ') || 'dist/**/*.test.js'}\n`);
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-concurrency=1', ...files],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
