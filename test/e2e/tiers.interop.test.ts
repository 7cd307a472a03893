/** A whole run over three tiers: figures of each, and of the front one alone where clients are meant. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  readLines,
  readSummary,
  scenarioFile,
  squall,
  temporaryFolder,
} from '../support/squall.js';

/** The last tier refuses every message for its size, whenever it comes. */
const CASCADE = `name: cascade
summary: How much does the last tier get when it fails, and every hop tries three times?
interval: 100ms
workers: 1
targets: { server: wire, next: { tier: middle, retryPolicy: &retry { maxAttempts: 3, initialBackoff: 1ms, maxBackoff: 1ms, backoffMultiplier: 1, retryableStatusCodes: [RESOURCE_EXHAUSTED] } } }
tiers:
  middle: { next: { tier: back, retryPolicy: *retry } }
  back: { server: wire, maxMessageSize: 1B }
client: { retryPolicy: *retry }
load: [{ call: unary, arrivals: { constant: 20/s } }]
phases: [{ name: steady, for: 300ms }]
`;

test('three hops of three attempts each make 27 of a call, and the report has them by tier', async () => {
  const folder = temporaryFolder();
  const { stdout, stderr } = await squall(scenarioFile(CASCADE), '--out', folder);
  const [variant] = readSummary(folder).variants;
  assert.ok(variant, stderr);
  const [steady] = variant.phases;
  assert.deepEqual(steady?.calls.byCode, { RESOURCE_EXHAUSTED: 6 });

  const answered: Record<string, number> = {};
  for (const line of readLines(folder)) {
    if (line.type !== 'target') continue;
    const { RESOURCE_EXHAUSTED = 0 } = line.counts.answeredByCode;
    answered[line.backend] = (answered[line.backend] ?? 0) + RESOURCE_EXHAUSTED;
  }
  assert.deepEqual(answered, { b0: 6 * 3, 'middle-0': 6 * 9, 'back-0': 6 * 27 });

  assert.deepEqual(
    steady.tiers?.map(({ name }) => name),
    ['front', 'middle', 'back'],
  );
  assert.deepEqual(
    steady.backends.map(({ name }) => name),
    ['b0'],
    'those that the client knows',
  );
  assert.ok(variant.attempts.agree, variant.attempts.why);
  assert.equal(variant.attempts.server, 6 * 3, 'at the front tier');
  assert.match(stdout, /^ +back +\d+ +[\d.]+ +[\d.]+ +RESOURCE_EXHAUSTED \d+ /m);
});
