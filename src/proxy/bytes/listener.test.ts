/** A port that stops listening and starts again. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from '../../../test/support/until.js';
import { startListener } from './listener.js';

/** @returns how connecting went, and the socket where it went well. */
async function tryConnect(port: number): Promise<{ code: string; socket: Socket }> {
  const socket = connect(port, '127.0.0.1');
  const code = await new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '?'));
  });
  return { code, socket };
}

test('refuses while any refusal lasts, keeps what is open, and listens again on its port', async () => {
  const sockets: Socket[] = [];
  const listener = await startListener({
    host: '127.0.0.1',
    port: 0,
    onSocket: (socket) => void sockets.push(socket),
  });
  const first = await tryConnect(listener.port);
  assert.equal(first.code, 'connected');
  await until('it to be accepted', () => sockets.length === 1);
  const ends = [listener.refuse(), listener.refuse()];
  ends[0]?.();
  ends[0]?.();
  assert.equal((await tryConnect(listener.port)).code, 'ECONNREFUSED');
  sockets[0]?.write('still here');
  assert.equal(String((await once(first.socket, 'data'))[0]), 'still here');
  ends[1]?.();
  let again: Socket | undefined;
  await until('it to listen again', async () => {
    const tried = await tryConnect(listener.port);
    again = tried.socket;
    return tried.code === 'connected';
  });
  // Ended and begun again before it came to listen.
  listener.refuse()();
  const end = listener.refuse();
  await until('a refusal', async () => (await tryConnect(listener.port)).code === 'ECONNREFUSED');
  end();
  listener.close();
  await until('nobody', async () => (await tryConnect(listener.port)).code === 'ECONNREFUSED');
  for (const socket of [first.socket, again, ...sockets]) socket?.destroy();
});

test('a port that somebody took meanwhile: it says so, and listens when it is free', async () => {
  const problems: string[] = [];
  const listener = await startListener({
    host: '127.0.0.1',
    port: 0,
    onSocket: (socket) => socket.destroy(),
    onProblem: (reason) => void problems.push(reason),
  });
  const { port } = listener;
  const end = listener.refuse();
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  end();
  await until('the problem', () => problems.length > 0);
  assert.match(problems[0] ?? '', /EADDRINUSE/);
  other.close();
  await until('the port', async () => {
    const { code, socket } = await tryConnect(port);
    socket.destroy();
    return code === 'connected';
  });
  listener.close();
  await assert.rejects(
    startListener({ host: '203.0.113.1', port: 0, onSocket: () => {} }),
    /EADDRNOTAVAIL/,
  );
});
