/** Interceptors of the user's own, and ours, through a whole run; and modules that are wrong. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CallLogLine } from '../../src/metrics/call-log.js';
import { readSummary, scenarioFile, squall, temporaryFolder } from '../support/squall.js';

/** Says whose call it is, on both sides: the client in the metadata, the server as a trailer. */
const TENANT = `
export const tenant = {
  summary: 'Whose call it is.',
  options(value) {
    if (typeof value.name !== 'string') throw new Error('name is a text');
    return { name: value.name };
  },
  client: ({ name }, { grpc, count }) => (options, nextCall) =>
    new grpc.InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set('tenant', name);
        next(metadata, {
          onReceiveStatus(status, onward) {
            count(options.method_definition.path, status.code, 1e6);
            onward(status);
          },
        });
      },
    }),
  server: ({ name }, { grpc }) => (method, call) =>
    new grpc.ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata(metadata, onward) {
            const [given] = metadata.get('tenant');
            if (given === name) onward(metadata);
            else call.sendStatus({ code: 7, details: 'not of this house: ' + given });
          },
        });
      },
    }),
};
`;

const SCENARIO = `name: own
summary: Calls through interceptors of both sides.
seed: 5
workers: 1
interval: 100ms
client: { deadline: 1s }
load: [{ call: unary, arrivals: { closed: 1 } }]
phases: [{ name: steady, for: 500ms }]
chains: { common: [{ auth: { token: t0 } }, { tenant: { name: blue } }] }
variants:
  right:
    client: { interceptors: [{ logging: { share: 50%, perInterval: 1000 } }, metrics, { use: common }] }
    targets: { interceptors: [{ use: common }, metrics] }
  wrong:
    client: { interceptors: [metrics, { auth: { token: t0 } }, { tenant: { name: red } }] }
    targets: { interceptors: [{ use: common }, metrics] }
`;

function moduleFile(text: string): string {
  const path = join(temporaryFolder(), 'own.mjs');
  writeFileSync(path, text);
  return path;
}

test("a user's own beside ours: they reach workers and targets, and what they count the summary", async () => {
  const out = temporaryFolder();
  const own = moduleFile(TENANT);
  const file = scenarioFile(SCENARIO);
  const { exitCode, stdout, stderr } = await squall('--interceptors', own, file, '--out', out);
  assert.equal(exitCode, 0, stdout + stderr);
  const [right, wrong] = readSummary(out).variants;
  assert.deepEqual(right?.chains, {
    client: ['logging', 'metrics', 'auth', 'tenant'],
    server: ['auth', 'tenant', 'metrics'],
  });
  for (const [variant, status] of [
    [right, 'OK'],
    [wrong, 'PERMISSION_DENIED'],
  ] as const) {
    const [phase] = variant?.phases ?? [];
    const total = phase?.calls.completed ?? 0;
    assert.ok(total > 20, `${total} calls`);
    assert.deepEqual(phase?.calls.byCode, { [status]: total });
    assert.ok(variant?.attempts.agree, 'a refused attempt is counted as any other');
    const counted = (phase?.interceptors ?? []).map(({ side, interceptor, byCode }) => [
      `${side} ${interceptor}`,
      byCode,
    ]);
    assert.deepEqual(
      counted.filter(([, byCode]) => Object.keys(byCode ?? {}).join() !== status),
      [],
    );
    const names = [
      'client metrics',
      'client tenant',
      ...(status === 'OK' ? ['server metrics'] : []),
    ];
    assert.deepEqual(
      counted.map(([name]) => name),
      names,
    );
    const { cpu } = phase ?? {};
    assert.ok((cpu?.clientUsPerCall ?? 0) > 0 && (cpu?.serverUsPerAttempt ?? 0) > 0);
  }
  const calls = readFileSync(join(out, 'calls.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as CallLogLine);
  const share = calls.length / (right?.phases[0]?.calls.completed ?? 0);
  assert.ok(share > 0.25 && share < 0.75, `a share of ${share} was logged`);
  for (const call of calls) {
    assert.deepEqual([call.variant, call.side, call.by], ['right', 'client', 'worker 0']);
    assert.ok(call.atMs > -1 && call.atMs < 2_000, `at ${call.atMs} ms`);
  }
  assert.match(stdout, /client tenant/);
  assert.ok(!stdout.includes('not of this house'), 'no call is told of on the terminal');
});

test('options that a module refuses are told of before anything starts', async () => {
  const file = scenarioFile(SCENARIO.replace('{ name: blue }', '{ name: 7 }'));
  const out = join(temporaryFolder(), 'run');
  const own = moduleFile(TENANT);
  const refused = await squall(file, '--interceptors', own, '--out', out);
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /:9:\d+: chains\.common\[1\]\.tenant: name is a text/);
  assert.ok(!existsSync(out), 'a results folder was made');
});

test('an interceptor that throws ends the run, and is named', async () => {
  const scenario = scenarioFile(`name: bad
summary: An interceptor that is wrong.
workers: 1
client: { interceptors: [bad] }
load: [{ call: unary, arrivals: { constant: 50/s } }]
phases: [{ name: steady, for: 300ms }]
`);
  const own = moduleFile(
    "export const bad = { client: () => () => { throw new Error('no such tenant') } };",
  );
  const args = [scenario, '--interceptors', own, '--out', temporaryFolder()];
  const { exitCode, stdout } = await squall(...args);
  assert.equal(exitCode, 3, stdout);
  assert.match(stdout.replace(/\s+/g, ' '), /interceptor "bad" \(client\): no such tenant/);
});
