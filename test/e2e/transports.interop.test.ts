/** Whole runs over TLS and unix sockets: the clients find and trust their targets by themselves. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import {
  readSummary,
  scenarioFile,
  squall,
  startSquall,
  temporaryFolder,
} from '../support/squall.js';

const SECURE = `name: secure
summary: Is everything counted where nobody can listen?
interval: 100ms
targets: { backends: 2, tls: { clients: required }, socket: unix }
client: { deadline: 2s }
load: [{ call: unary, arrivals: { constant: 200/s } }]
phases: [{ name: steady, for: 300ms }]
variants:
  library: { client: { balancer: round_robin } }
  wire: { targets: { server: wire }, client: { driver: wire, connections: 2 } }
`;

/** The folders of a run's sockets. */
function foldersOf(folder: string): string[] {
  return readSummary(folder).variants.flatMap(({ phases }) =>
    phases.flatMap(({ backends }) =>
      backends.map(({ address }) => dirname(address.slice('unix:'.length))),
    ),
  );
}

test('both drivers on both servers, over TLS on unix sockets that are gone afterwards', async () => {
  const folder = temporaryFolder();
  const { stderr } = await squall(scenarioFile(SECURE), '--out', folder);
  const { variants } = readSummary(folder);
  assert.equal(variants.length, 2, stderr);
  for (const { name, phases, attempts } of variants) {
    const [steady] = phases;
    assert.deepEqual(steady?.calls.byCode, { OK: 60 }, name);
    assert.deepEqual(
      steady.backends.map(({ attempts: share }) => share),
      [60, 60].map((all) => all / 2),
    );
    assert.ok(attempts.agree, attempts.why);
    assert.equal(steady.calls.queued, name === 'wire' ? 0 : undefined);
  }
  const folders = foldersOf(folder);
  assert.equal(folders.length, 4);
  assert.deepEqual(folders.filter(existsSync), []);
});

test('a run that is interrupted leaves no socket either', async () => {
  const folder = temporaryFolder();
  const long = SECURE.replace('300ms', '60s');
  const running = startSquall(scenarioFile(long), '--variant', 'wire', '--out', folder);
  await running.says('offered');
  running.child.kill('SIGINT');
  assert.equal((await running.finished).exitCode, 130);
  const folders = foldersOf(folder);
  assert.equal(folders.length, 2);
  assert.deepEqual(folders.filter(existsSync), []);
});
