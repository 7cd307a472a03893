/**
 * What goes wrong while a run goes on: a clear sentence, what was measured is kept, no process is
 * left, and the exit code says which it was.
 */
import assert from 'node:assert/strict';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  allGone,
  type Running,
  readLines,
  readSummary,
  scenarioFile,
  startSquall,
  temporaryFolder,
} from '../support/squall.js';
import { until } from '../support/until.js';

const skip = existsSync('/proc/self/stat') ? false : 'needs /proc';

/** Would go on for a minute, were it let. */
const LONG = `name: long
summary: A minute of calls.
interval: 100ms
targets: { backends: 2 }
client: { deadline: 200ms, balancer: round_robin }
load:
  - { call: unary, arrivals: { constant: 100/s } }
  - { call: chat, streams: 4, messages: { constant: 5/s } }
phases: [{ name: steady, for: 60s }]
checks: [{ success-rate: { phase: steady, atLeast: 50% } }]
`;

interface LongRun {
  readonly folder: string;
  readonly running: Running;
  readonly backends: readonly number[];
}

/** Starts the long run and waits until it has reported an interval. */
async function startLongRun(scenario = LONG): Promise<LongRun> {
  const folder = temporaryFolder();
  const running = startSquall(scenarioFile(scenario), '--out', folder);
  await running.says('offered');
  return { folder, running, backends: running.backends() };
}

/** What was measured is on disk, and says how the run ended. */
function assertKept({ folder }: LongRun, reason: RegExp): void {
  const lines = readLines(folder);
  assert.ok(lines.filter(({ type }) => type === 'load').length >= 2);
  assert.ok(lines.some(({ type }) => type === 'target'));
  const { outcome, variants } = readSummary(folder);
  assert.equal(outcome.verdict, 'invalid');
  assert.match(outcome.reasons.join('\n'), reason);
  const [variant] = variants;
  assert.equal(variant?.complete, false);
  assert.ok((variant?.phases[0]?.calls.completed ?? 0) > 0);
}

test('a backend that dies ends the run: exit 3, and who it was', { skip }, async () => {
  const run = await startLongRun();
  assert.equal(run.backends.length, 2);
  const [victim = 0] = run.backends;
  process.kill(victim, 'SIGKILL');
  const { exitCode, stdout } = await run.running.finished;
  assert.equal(exitCode, 3);
  assert.match(stdout, /INVALID/);
  assert.match(stdout, /backend b\d was lost: .*SIGKILL/);
  assertKept(run, /backend b\d was lost/);
  assert.ok(
    readLines(run.folder).some((line) => line.type === 'event' && line.kind === 'backend.died'),
  );
  await allGone(run.backends);
});

test('Ctrl-C once: the run ends soon, is reported and saved, exit 130', { skip }, async () => {
  const run = await startLongRun();
  const askedMs = performance.now();
  run.running.child.kill('SIGINT');
  const { exitCode, stdout, stderr } = await run.running.finished;
  assert.equal(exitCode, 130);
  // Open calls have a deadline of 200 ms and get half a second; the rest is taking things down.
  assert.ok(performance.now() - askedMs < 10_000);
  assert.match(stderr, /SIGINT: ending the run; what was measured is kept/);
  assert.match(stdout, /interrupted/);
  assertKept(run, /interrupted/);
  await allGone(run.backends);
});

test('Ctrl-C while a backend is paused: nothing is left, paused or not', { skip }, async () => {
  const pause = 'faults: [{ proc-pause: { phase: steady, backends: [b1] } }]\n';
  const run = await startLongRun(LONG + pause);
  await run.running.says('process.paused');
  run.running.child.kill('SIGINT');
  const { exitCode, stdout } = await run.running.finished;
  assert.equal(exitCode, 130);
  assert.match(stdout, /process\.paused +backend b1/);
  assert.match(stdout, /process\.resumed +backend b1/);
  assertKept(run, /interrupted/);
  await allGone(run.backends);
});

/** Calls that never end: ending in an orderly way then waits half a second for them. */
const HANGING = `${LONG.replace('200ms', '30s')}faults: [{ rpc-hang: { phase: steady, share: 50% } }]\n`;

test('Ctrl-C twice: it ends at once, the record is on disk, exit 130', { skip }, async () => {
  const run = await startLongRun(HANGING);
  run.running.child.kill('SIGINT');
  await run.running.says('SIGINT');
  // Two signals within a tenth of a second are one key press.
  const firstMs = performance.now();
  await until('another key press', () => performance.now() - firstMs > 150);
  run.running.child.kill('SIGINT');
  const { exitCode } = await run.running.finished;
  assert.equal(exitCode, 130);
  assert.ok(!existsSync(join(run.folder, 'summary.json')), 'it ended in an orderly way');
  assert.ok(readLines(run.folder).some(({ type }) => type === 'load'));
  await allGone(run.backends);
});

test('killed outright: no backend is left, and the record can be read', { skip }, async () => {
  const run = await startLongRun();
  run.running.child.kill('SIGKILL');
  await run.running.finished;
  await allGone(run.backends);
});

test('a full disk: the run goes on, is reported, and is not a pass', { skip }, async () => {
  const folder = temporaryFolder();
  // Writing to /dev/full fails with ENOSPC, as on a disk without room.
  symlinkSync('/dev/full', join(folder, 'record.ndjson'));
  const short = LONG.replace('60s', '1s');
  const running = startSquall(scenarioFile(short), '--out', folder);
  const { exitCode, stdout, stderr } = await running.finished;
  assert.equal(exitCode, 3);
  assert.match(stderr, /record\.ndjson cannot be written \(.*ENOSPC.*\); the run goes on/);
  assert.match(stdout, /success-rate/);
  const { outcome, variants } = readSummary(folder);
  assert.match(outcome.reasons.join('\n'), /record\.ndjson could not be written: .*ENOSPC/);
  assert.equal(variants[0]?.complete, true);
});

test('a generator that is asked for more than it can: invalid, exit 3, never a pass', async () => {
  const folder = temporaryFolder();
  // One thread of grpc-js makes some ten thousand calls a second at the very best.
  const beyond = `name: beyond
summary: More than one thread can send.
workers: 1
client: { deadline: 1s }
load: [{ call: unary, arrivals: { constant: 100000/s } }]
phases: [{ name: steady, for: 2s }]
checks: [{ goodput: { phase: steady, atLeast: 1/s } }]
gates: [p(50) < 1h]
`;
  const startedMs = performance.now();
  const { exitCode, stdout } = await startSquall(scenarioFile(beyond), '--out', folder).finished;
  assert.equal(exitCode, 3);
  // Two seconds of load, one of overtime, two in which open calls may end, and starting up.
  assert.ok(performance.now() - startedMs < 20_000);
  assert.match(stdout, /SATURATED: in steady, /);
  const { generator, outcome, gates, variants } = readSummary(folder);
  assert.equal(generator.saturated, true);
  assert.equal(outcome.verdict, 'invalid');
  const verdicts = [...gates, ...(variants[0]?.checks ?? [])].map(({ verdict }) => verdict);
  assert.deepEqual(verdicts, ['inconclusive', 'inconclusive']);
  // What was due was due: none is forgotten, sent or not.
  const calls = variants[0]?.phases[0]?.calls;
  assert.equal(calls?.offered, 200_000);
  assert.equal((calls?.started ?? 0) + (calls?.missed ?? 0), 200_000);
});
