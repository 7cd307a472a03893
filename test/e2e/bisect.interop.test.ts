/**
 * `squall bisect` as a user runs it: a server that is down is asked as often as the policy allows, so the
 * setting at which the amplification is too much is known beforehand.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSummary, scenarioFile, squall, temporaryFolder } from '../support/squall.js';

const DOWN = `name: down
summary: How many attempts are too many?
client:
  retryPolicy: { maxAttempts: 2, initialBackoff: 1ms, maxBackoff: 1ms, backoffMultiplier: 1, retryableStatusCodes: [UNAVAILABLE] }
load: [{ name: say, call: unary, arrivals: { constant: 50/s } }]
phases: [{ name: steady, for: 500ms, faults: [{ rpc-abort: { code: UNAVAILABLE } }] }]
checks:
  - retry-amplification: { phase: steady, atMost: 3 }
  - lost-calls: { phase: steady, atMost: 0 }
`;
/** The same behind an interceptor of the user's own, which notes how calls end. */
const NOTED = DOWN.replace('client:\n', 'client:\n  interceptors: [{ noted: {} }]\n');
const NOTED_MODULE = `export const noted = {
  client: (_, { grpc, count }) => (options, nextCall) =>
    new grpc.InterceptingCall(nextCall(options), {
      start: (metadata, _listener, next) =>
        next(metadata, {
          onReceiveStatus(status, onward) {
            count(options.method_definition.path, status.code, 0);
            onward(status);
          },
        }),
    }),
};
`;
const OVER = ['--over', 'client.retryPolicy.maxAttempts', '--from', '2', '--to', '5'];

test('the boundary is found, told, and every run of it is there to look at', async () => {
  const folder = temporaryFolder();
  const own = join(temporaryFolder(), 'noted.mjs');
  writeFileSync(own, NOTED_MODULE);
  const { exitCode, stdout, stderr } = await squall(
    ...[
      'bisect',
      '--interceptors',
      own,
      scenarioFile(NOTED),
      ...OVER,
      '--check',
      'retry-amplification',
    ],
    ...['--runs', '1', '--within', '0%', '--out', folder],
  );
  assert.equal(exitCode, 0, stdout + stderr);
  assert.match(
    stdout,
    /steady\/retry-amplification passes up to 3, in every run\. It fails from 4 on, in every run\./,
  );
  assert.match(stderr, /2, seed 1: pass: .*2 per call/);
  const result = JSON.parse(readFileSync(join(folder, 'bisect.json'), 'utf8')) as {
    boundary: object;
    runs: { value: string; answer: string; folder: string }[];
  };
  assert.deepEqual(result.boundary, {
    kind: 'found',
    before: 'pass',
    until: '3',
    since: '4',
    mixed: [],
  });
  for (const { value, answer, folder: own } of result.runs) {
    const [variant] = readSummary(join(folder, own)).variants;
    const [phase] = variant?.phases ?? [];
    assert.equal(phase?.attempts.amplification, Number(value));
    const noted = phase?.interceptors?.map(({ interceptor, byCode }) => [interceptor, byCode]);
    assert.deepEqual(noted, [['noted', { UNAVAILABLE: phase?.calls.completed }]]);
    assert.equal(answer, Number(value) <= 3 ? 'pass' : 'fail');
  }
});

test('what is wrong with either end, or with what is asked, is told before anything runs', async () => {
  const file = scenarioFile(DOWN);
  const out = join(temporaryFolder(), 'none');
  const table: [args: string[], message: RegExp][] = [
    [OVER, /default has 2 checks: one of them is looked at \(one of: steady\/retry-amp/],
    [[...OVER, '--check', 'lost-cals'], /no check "lost-cals" \(did you mean "lost-calls"\?\)/],
    [[...OVER, '--check', 'lost-calls', '--runs', '2'], /--runs: expected an odd number/],
    [[...OVER, '--check', 'lost-calls', '--within', '2'], /--within: expected a share/],
    [[...OVER.slice(0, 5), '6', '--check', 'lost-calls'], /at most 5 attempts, not 6/],
    [[...OVER, '--interceptors', 'none.mjs'], /none\.mjs: the module cannot be loaded/],
    [['--over', 'seed', '--from', '1', '--to', '2s'], /two quantities of one kind/],
  ];
  for (const [args, message] of table) {
    const { exitCode, stderr } = await squall('bisect', file, ...args, '--out', out);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, message);
  }
  assert.ok(!existsSync(out), 'a results folder was made');
});
