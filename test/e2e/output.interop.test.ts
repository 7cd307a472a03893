/** What a run leaves for people and programs, and that it can be read back. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HistogramLogReader } from 'hdr-histogram-js';
import type { Summary } from '../../src/metrics/summary.js';
import { readSummary, scenarioFile, squall, temporaryFolder } from '../support/squall.js';

const SMALL = `name: small
summary: Two seconds of calls, one of them with aborts.
interval: 250ms
targets: { backends: 2 }
client: { deadline: 1s, balancer: round_robin }
load: [{ name: say, call: unary, arrivals: { constant: 100/s } }]
phases:
  - { name: calm, for: 1s }
  - { name: storm, for: 1s, faults: [{ rpc-abort: { code: ABORTED, share: 50% } }] }
checks: [{ success-rate: { phase: storm, atMost: 90% } }]
gates: ['rate(errors){phase:calm} == 0%', 'count(offered) == 200']
`;

test('a run’s files say the same as its --json, and `report` finds it again in the record', async () => {
  const folder = temporaryFolder();
  const { exitCode, stdout, stderr } = await squall(scenarioFile(SMALL), '--json', '--out', folder);
  assert.equal(exitCode, 0, stdout + stderr);
  const printed = JSON.parse(stdout) as Summary;
  assert.deepEqual(readSummary(folder), printed);
  assert.equal(printed.schema, 'squall/summary@1');
  assert.equal(printed.outcome.verdict, 'pass');
  assert.ok(printed.variants[0]?.attempts.agree, printed.variants[0]?.attempts.why);
  assert.deepEqual(readdirSync(folder).toSorted(), [
    'latency.hlog',
    'plan.json',
    'record.ndjson',
    'scenario.yaml',
    'summary.json',
  ]);
  // One plain line an interval and the faults, elsewhere than the result.
  assert.match(stderr, /offered \d+\/s {2}good \d+\/s/);
  assert.match(stderr, /fault\.start {2}rpc-abort begins on b0/);
  assert.ok(!stderr.includes('\u001b'), 'cursor movements in a pipe');

  const again = await squall('report', folder, '--json');
  assert.equal(again.exitCode, 0);
  assert.deepEqual(JSON.parse(again.stdout), printed);
  const shown = await squall('report', folder);
  assert.match(shown.stdout, /PASS \(exit 0\): 1 of 1 check passed; 2 of 2 gates passed/);

  assert.equal(callsInLog(join(folder, 'latency.hlog')), 200);
});

/** Latencies in an interval log, as HdrHistogram's reader finds them. */
function callsInLog(path: string): number {
  const reader = new HistogramLogReader(readFileSync(path, 'utf8'));
  let count = 0;
  for (;;) {
    const interval = reader.nextIntervalHistogram();
    if (interval === null || interval === undefined) return count;
    if (interval.tag === 'default/say/latency') count += interval.totalCount;
  }
}
