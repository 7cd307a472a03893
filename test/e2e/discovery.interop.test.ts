/** A run in which name resolution goes wrong: the calls follow it, and record and report tell of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  readLines,
  readSummary,
  scenarioFile,
  squall,
  temporaryFolder,
} from '../support/squall.js';

const SCENARIO = `name: lost
summary: Do calls follow the list of addresses?
interval: 100ms
workers: 1
targets: { backends: [{ name: here, zone: east }, { name: there, zone: west }], socket: unix, tls: true }
client: { balancer: round_robin, deadline: 2s }
load: [{ call: unary, arrivals: { constant: 100/s } }]
phases:
  - { name: all, for: 200ms }
  - name: west
    for: 400ms
    faults:
      - disc-set: { zones: [west] }
      - disc-error: { at: 200ms, for: 100ms }
  - { name: again, for: 200ms }
checks:
  - { success-rate: { phase: west, atLeast: 100% } }
`;

test('calls go where name resolution says, and the report tells what it said', async () => {
  const folder = temporaryFolder();
  const { stdout } = await squall('run', scenarioFile(SCENARIO), '--out', folder);
  const [variant] = readSummary(folder).variants;
  // Not the exit code: on a busy machine the run calls itself saturated, and is right all the same.
  assert.deepEqual(
    [variant?.complete, variant?.checks.map(({ verdict }) => verdict)],
    [true, ['pass']],
    stdout,
  );
  const shares = variant?.phases.map(({ backends }) => backends.map(({ attempts }) => attempts));
  const [all = [], west = [], again = []] = shares ?? [];
  assert.ok(all.every((attempts) => attempts > 0) && again.every((attempts) => attempts > 0));
  // What is due when the list comes or goes may be sent to both.
  const [here = 0, there = 0] = west;
  assert.equal(here + there, 40);
  assert.ok(there > 3 * here, `${here} and ${there}`);

  const { timelines } = variant?.discovery ?? assert.fail();
  assert.deepEqual(
    timelines.map(({ worker, spans }) => [worker, ...spans.map(({ said }) => said)]),
    [
      [
        'worker 0',
        { backends: ['here', 'there'] },
        { backends: ['there'] },
        { code: 'UNAVAILABLE', details: 'failed by disc-error' },
        { backends: ['there'] },
        { backends: ['here', 'there'] },
      ],
    ],
  );
  const told = readLines(folder).flatMap((line) =>
    line.type === 'load' ? [line.discovery?.told ?? 0] : [],
  );
  assert.equal(
    told.reduce((sum, count) => sum + count, 0),
    4,
  );
  assert.match(stdout, /fault\.start +disc-set begins on worker 0/);
  assert.match(stdout, /discovery +name resolution said there from \d+ ms to \d+ ms, UNAVAILABLE/);
  assert.match(stdout, /west\/disc-set acted on what name resolution told the clients/);
});
