/** `squall proxy` as users run it: from its options to its end, before a server and without one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { clientSchema } from '../../src/drivers/client-schema.js';
import { createDriver } from '../../src/drivers/create-driver.js';
import { createCertificate } from '../../src/targets/certificate.js';
import { startCall } from '../support/call-witness.js';
import { framed, reply, startHttp2Peer } from '../support/http2-peer.js';
import { squall, startSquall, temporaryFolder } from '../support/squall.js';
import { until } from '../support/until.js';

const PLACES =
  /^proxy on (127\.0\.0\.1:\d+) \(TLS\) for \S+ \(TLS\), control on (127\.0\.0\.1:\d+)$/;

test('TLS on both sides, faults from a file and by HTTP, and an end at once', async (t) => {
  const folder = temporaryFolder();
  const file = (name: string, text = '') => {
    const path = join(folder, name);
    if (text !== '') writeFileSync(path, text);
    return path;
  };
  const certificate = createCertificate();
  await using server = await startHttp2Peer(
    (stream) => reply(stream, framed(3), '0'),
    {},
    certificate,
  );
  const running = startSquall(
    ...['proxy', '--upstream', server.address, '--control', '127.0.0.1:0', '--seed', '3'],
    ...['--upstream-tls', '--upstream-ca', file('upstream.pem', certificate.cert)],
    ...['--listen-tls', '--save-cert', file('proxy.pem')],
    ...['--faults', file('f.yaml', 'faults: [rpc-abort: { code: RESOURCE_EXHAUSTED, count: 1 }]')],
  );
  t.after(() => running.child.kill('SIGKILL'));
  const line = await running.firstLine();
  const [, address = '', control = ''] = PLACES.exec(line) ?? assert.fail(line);
  const at = (path: string) => `http://${control}/v1/${path}`;
  const tls = { ca: readFileSync(join(folder, 'proxy.pem'), 'utf8') };
  using client = createDriver([address], { ...clientSchema.parse({ driver: 'grpc-js' }), tls });
  await client.ready(5_000);
  const call = async () => (await startCall(client, 5_000).ended).status;
  assert.deepEqual([await call(), await call()], ['RESOURCE_EXHAUSTED', 'OK']);
  const body = '{ "rpc-abort": { "code": "DATA_LOSS" } }';
  assert.equal((await fetch(at('faults'), { method: 'POST', body })).status, 201);
  assert.equal(await call(), 'DATA_LOSS');
  await fetch(at('faults/rpc-abort-2'), { method: 'DELETE' });
  assert.equal(await call(), 'OK');
  const listed = (await (await fetch(at('faults'))).json()) as { faults: object[] };
  assert.deepEqual(
    listed.faults.map((fault) => Object.entries(fault).filter(([key]) => /id|hit/.test(key))),
    [
      [
        ['id', 'rpc-abort-1'],
        ['hit', 1],
      ],
    ],
  );
  const { counts } = (await (await fetch(at('counters'))).json()) as { counts: object };
  assert.deepEqual(
    Object.entries(counts).filter(([key]) => /calls|accepted/i.test(key)),
    [
      ['connectionsAccepted', 1],
      ['callsStarted', 4],
      ['callsLost', 0],
    ],
  );
  assert.match(running.stderr(), /rpc-abort-2: rpc-abort begins on proxy/);
  running.child.kill('SIGINT');
  const { exitCode, stdout } = await running.finished;
  assert.equal(exitCode, 130);
  assert.equal(stdout, `${line}\n`);
});

test('a server that is not there: a warning, and clients that find nobody', async (t) => {
  const running = startSquall('proxy', '--upstream', '127.0.0.1:1');
  t.after(() => running.child.kill('SIGKILL'));
  const line = await running.firstLine();
  await running.says(/warning: 127\.0\.0\.1:1 cannot be reached: connect ECONNREFUSED/);
  const [, address = ''] = /^proxy on (\S+) for 127\.0\.0\.1:1$/.exec(line) ?? assert.fail(line);
  using client = createDriver([address], clientSchema.parse({ driver: 'grpc-js' }));
  assert.equal((await startCall(client, 5_000).ended).status, 'UNAVAILABLE');
  await until('a reason', () => /\n127\.0\.0\.1:1: connect ECONN/.test(running.stderr()));
  running.child.kill('SIGTERM');
  assert.equal((await running.finished).exitCode, 130);
});

test('a port that is taken is told, and is no bug', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const place = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
  try {
    const args = ['proxy', '--upstream', place, '--listen', place];
    const { exitCode, stdout, stderr } = await squall(...args);
    assert.equal(exitCode, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /^--listen \S+: .*EADDRINUSE.*\n$/);
  } finally {
    taken.close();
  }
});
