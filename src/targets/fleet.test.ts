import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, startTestFleet } from '../../test/support/fleet.js';
import { isRunning } from '../../test/support/processes.js';
import { until } from '../../test/support/until.js';
import { RunError, UserError } from '../base/errors.js';
import { SERVER_KINDS } from './spec.js';

const TWO = [
  { name: 'b0', port: 0 },
  { name: 'b1', port: 0 },
];

/**
 * Waits until this process has no child any more: a handle is closed a moment after its process.
 */
function noChildren(): Promise<void> {
  return until('no child is left', () => !process.getActiveResourcesInfo().includes('ProcessWrap'));
}

test('each backend is a process of its own on loopback, and all are gone after stop', async () => {
  await using fleet = await startTestFleet({ specs: TWO });
  const pids = fleet.backends.map(({ pid }) => pid);
  assert.equal(new Set([...pids, process.pid]).size, 3);
  for (const { address } of fleet.backends) {
    assert.match(address, /^127\.0\.0\.1:\d+$/);
    using client = createChatClient(address);
    assert.equal((await client.say('hi')).code, 0);
  }
  beginNow(fleet);
  await Promise.all([fleet.stop(), fleet.stop()]);
  await fleet.stop();
  assert.deepEqual(pids.filter(isRunning), []);
  const finals = fleet.lines.filter((line) => line.type === 'target');
  assert.equal(finals.length, 2, 'one final report each');
  assert.deepEqual(fleet.lost, [], 'who was told to stop was not lost');
  assert.deepEqual(fleet.events('backend.died'), []);
  await noChildren();
});

test('a backend that dies is told of once, with the reason, and the others live on', async () => {
  await using fleet = await startTestFleet({ specs: TWO });
  beginNow(fleet);
  const [first, second] = fleet.backends;
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await until('its loss', () => fleet.lost.length > 0);
  assert.deepEqual(fleet.lost, [{ backend: 'b0', reason: 'was ended by SIGKILL' }]);
  const [died] = fleet.events('backend.died');
  assert.equal(died?.subject, 'b0');
  assert.equal(died?.detail, 'backend b0 was ended by SIGKILL');
  assert.ok((died?.atNs ?? 0) > 0);
  using client = createChatClient(second?.address ?? '');
  assert.equal((await client.say('hi')).code, 0);
  await fleet.stop();
  assert.equal(fleet.events('backend.died').length, 1);
  assert.equal(fleet.lost.length, 1);
});

test('a backend that cannot come up says why, by its last words', async () => {
  const before = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = '--require=./no-such-module-here.cjs';
  try {
    await assert.rejects(startTestFleet(), (error) => {
      assert.ok(error instanceof RunError);
      assert.match(error.message, /"b0".*exited with code 1: Error: Cannot find module/);
      return true;
    });
  } finally {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  }
  await noChildren();
});

for (const server of SERVER_KINDS) {
  test(`${server}: ports in use are mistakes of the user, all named, and nothing is left running`, async (t) => {
    const squatters = [createServer(), createServer()];
    const ports: number[] = [];
    for (const squatter of squatters) {
      t.after(() => squatter.close());
      squatter.listen(0, '127.0.0.1');
      await once(squatter, 'listening');
      ports.push((squatter.address() as AddressInfo).port);
    }
    const [first = 0, second = 0] = ports;
    const specs = [
      { name: 'free', port: 0 },
      { name: 'one', port: first },
      { name: 'two', port: second },
    ];
    await assert.rejects(startTestFleet({ server, specs }), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.mistakes.length, 2);
      const [mistake] = error.mistakes;
      assert.match(
        mistake?.message ?? '',
        new RegExp(`"one".*127\\.0\\.0\\.1:${first}.*EADDRINUSE`),
      );
      assert.match(mistake?.hint ?? '', /targets\.port/);
      return true;
    });
    await noChildren();
  });

  test(`${server}: a fixed port is the one that is listened on`, async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    await using fleet = await startTestFleet({ server, specs: [{ name: 'b0', port }] });
    assert.equal(fleet.address, `127.0.0.1:${port}`);
  });
}

test('Ctrl-C, which reaches the whole process group, does not end a backend', async () => {
  await using fleet = await startTestFleet();
  const [backend] = fleet.backends;
  using client = createChatClient(fleet.address);
  process.kill(backend?.pid ?? 0, 'SIGINT');
  for (let i = 0; i < 3; i++) assert.equal((await client.say('hi')).code, 0);
  assert.deepEqual(fleet.lost, []);
});

test('a backend that does not react any more is killed, and that is no loss', async () => {
  const fleet = await startTestFleet();
  const [backend] = fleet.backends;
  // Stopped, it hears neither our message nor SIGTERM.
  process.kill(backend?.pid ?? 0, 'SIGSTOP');
  await fleet[Symbol.asyncDispose]();
  assert.equal(isRunning(backend?.pid ?? 0), false);
  assert.deepEqual(fleet.lost, []);
});

test('a conductor that is killed leaves no backend, paused or not, behind', async () => {
  const script = fileURLToPath(new URL('../../test/support/fleet-parent.js', import.meta.url));
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = await once(parent.stdout, 'data');
  const { pids, folder } = JSON.parse(String(text)) as { pids: number[]; folder: string };
  assert.equal(pids.length, 2);
  assert.equal(readdirSync(folder).length, 2);
  assert.equal(statSync(folder).mode & 0o777, 0o700, 'nobody else may enter');
  assert.deepEqual(pids.filter(isRunning), pids);
  parent.kill('SIGKILL');
  await until('they are gone', () => !pids.some(isRunning), 1_000);
  assert.equal(existsSync(folder), false, 'the last of them takes the folder with it');
});

test('TLS and unix sockets: an address and a certificate to trust, and no trace afterwards', async () => {
  const fleet = await startTestFleet({
    specs: [
      { name: 'b0', port: 0, socket: 'unix', tls: true },
      { name: 'b1', port: 0, socket: 'unix', tls: true, server: 'wire' },
    ],
  });
  const folder = dirname(fleet.address.slice('unix:'.length));
  try {
    const addresses = fleet.backends.map(({ address }) => address);
    assert.deepEqual(addresses, [`unix:${folder}/0.sock`, `unix:${folder}/1.sock`]);
    assert.ok(new X509Certificate(fleet.tls?.client.ca ?? '').checkHost('localhost'));
    // One that is killed leaves its socket; the folder goes with the fleet all the same.
    process.kill(fleet.backends[0]?.pid ?? 0, 'SIGKILL');
    await until('it is gone', () => fleet.lost.length === 1);
    assert.ok(existsSync(folder));
  } finally {
    await fleet.stop();
  }
  assert.equal(existsSync(folder), false);
});
