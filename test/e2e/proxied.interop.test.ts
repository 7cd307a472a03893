/** Runs through a proxy: to targets that somebody else started, and one that is killed on the way. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { pathOfProgram } from '../../src/proxy/programs.js';
import { startTarget } from '../../src/targets/target-server.js';
import { childrenOf } from '../support/processes.js';
import {
  allGone,
  readLines,
  readSummary,
  scenarioFile,
  squall,
  startSquall,
  temporaryFolder,
} from '../support/squall.js';

const skip = existsSync('/proc/self/stat') ? false : 'needs /proc';

test('external targets behind our proxy, with a fault in it', async () => {
  const config = { seed: 1, faults: [], intervalNs: 1e9 };
  const backend = { name: 'theirs', port: 0, server: 'wire' } as const;
  const target = await startTarget({ ...config, backend }, { snapshot() {}, event() {} });
  const address = `127.0.0.1:${target.port}`;
  const folder = temporaryFolder();
  const scenario = scenarioFile(`name: external
summary: What does the proxy do to a server that is not ours?
interval: 100ms
workers: 1
targets: { external: [{ name: theirs, address: "${address}" }] }
proxy: {}
client: { driver: wire, deadline: 5s }
load: [{ call: unary, arrivals: { constant: 100/s } }]
phases:
  - { name: calm, for: 300ms }
  - { name: storm, for: 300ms, faults: [{ rpc-abort: { code: ABORTED, share: 50% } }] }
`);
  const { exitCode, stdout, stderr } = await squall('run', scenario, '--out', folder);
  target.stop();
  assert.notEqual(exitCode, 70, stderr);
  const [variant = assert.fail(stderr)] = readSummary(folder).variants;
  assert.equal(variant.complete, true);
  const [calm = assert.fail(), storm = assert.fail()] = variant.phases;
  assert.deepEqual(calm.calls.byCode, { OK: 30 });
  assert.deepEqual(
    calm.backends.map(({ name, attempts }) => [name, attempts]),
    [['theirs', 30]],
  );
  assert.ok((storm.calls.byCode.ABORTED ?? 0) > 5 && (storm.calls.byCode.OK ?? 0) > 5);
  const [fault = assert.fail()] = variant.faults;
  assert.deepEqual([fault.in, fault.hit], ['proxy', storm.calls.byCode.ABORTED]);
  assert.equal('server' in variant.attempts, false);
  assert.equal(storm.cpu?.serverMs, undefined);
  assert.ok(readLines(folder).some(({ type }) => type === 'proxy'));
  assert.ok(!readLines(folder).some(({ type }) => type === 'target'));
  // The table of what the proxy saw; heads may take two lines.
  assert.match(stdout, /phase +through +.*\n +proxy /);
  assert.match(stdout, /rpc-abort in the proxy hit/);
});

/** Would go on for a minute, were it let. */
const LONG = `name: long
summary: A minute of calls.
interval: 100ms
workers: 1
targets: { backends: 1, server: wire }
client: { driver: wire, deadline: 1s }
load: [{ call: unary, arrivals: { constant: 50/s } }]
phases: [{ name: steady, for: 60s }]
proxy: { ${pathOfProgram('nginx') === undefined ? 'balance: round_robin' : 'program: nginx'} }
`;

test('a proxy that is killed ends the run, and its program goes with it', { skip }, async () => {
  const folder = temporaryFolder();
  const running = startSquall('run', scenarioFile(LONG), '--out', folder);
  await running.says('offered');
  const children = running.backends();
  const all = [...children, ...children.flatMap((pid) => childrenOf(pid))];
  const [, proxy = assert.fail('backend and proxy')] = children;
  process.kill(proxy, 'SIGKILL');
  const { exitCode, stdout } = await running.finished;
  assert.equal(exitCode, 3);
  assert.match(stdout, /the proxy was lost: it was ended by SIGKILL/);
  const died = readLines(folder).filter(
    (line) => line.type === 'event' && line.kind === 'proxy.died',
  );
  assert.equal(died.length, 1);
  await allGone(all);
});
