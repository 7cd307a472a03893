// Makes a checkout runnable: installs from the lockfile and compiles, each only when it has to.
//
// Every npm script runs this first, so a fresh clone needs no other command. It depends on nothing
// but Node, because it runs before anything is installed. When there is nothing to do it only reads
// file times and prints nothing; what only the work needs is loaded only then.
//
//   node tools/setup.mjs [--force]     --force compiles even when dist/ looks up to date

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const installStamp = join(root, 'node_modules', '.squall-installed');
const buildStamp = join(root, 'dist', '.squall-built');
const sourceFolders = ['src', 'test', 'bench'];
const oldestNode = [20, 19];

function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

function fail(line) {
  say(line);
  process.exit(70);
}

/** Runs a command with its output on stderr, so that stdout stays the program's own (`--json`). */
async function run(command, args, what) {
  const { spawnSync } = await import('node:child_process');
  const startedAt = Date.now();
  say(`${what} …`);
  const child = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (child.error) fail(`could not start "${command}": ${child.error.message}`);
  if (child.status !== 0)
    fail(`"${command} ${args.join(' ')}" failed (exit ${child.status}); see above.`);
  say(`${what}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

function readStamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** One line per source file: path, size and time of change. Any edit, new or removed file shows. */
function sourceFingerprint() {
  const lines = [];
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (entry.name.endsWith('.ts')) {
        const { size, mtimeMs } = statSync(path);
        lines.push(`${path} ${size} ${mtimeMs}`);
      }
    }
  };
  for (const folder of sourceFolders) {
    if (existsSync(join(root, folder))) visit(join(root, folder));
  }
  return lines.sort().join('\n');
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
  fail(
    `Node ${process.versions.node} is too old: grpc-squall needs ${oldestNode.join('.')} or newer.`,
  );
}

// Stamps hold what was installed or compiled, as text: comparing it needs no hash.
const lockfile = readFileSync(join(root, 'package-lock.json'), 'utf8');
const wantedInstall = `modules ${process.versions.modules}\n${lockfile}`;
if (readStamp(installStamp) !== wantedInstall) {
  await run(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    'installing dependencies from package-lock.json',
  );
  writeFileSync(installStamp, wantedInstall);
}

const configuration = readFileSync(join(root, 'tsconfig.json'), 'utf8');
const wantedBuild = [sourceFingerprint(), configuration, wantedInstall].join('\n');
if (process.argv.includes('--force') || readStamp(buildStamp) !== wantedBuild) {
  // A compiled file whose source is gone would still be found and run as a test.
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  mkdirSync(join(root, 'dist'), { recursive: true });
  await run(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc')],
    'compiling TypeScript',
  );
  writeFileSync(buildStamp, wantedBuild);
}
