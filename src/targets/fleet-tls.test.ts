/** Both sides that say who they are: both drivers on both servers, with certificates made or given. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startCall } from '../../test/support/call-witness.js';
import { temporaryFolder } from '../../test/support/squall.js';
import { startTestTarget } from '../../test/support/target.js';
import { until } from '../../test/support/until.js';
import { monotonicNowNs } from '../base/clock.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import type { ClientTls } from '../drivers/spec.js';
import { createFleetTls, type FleetTls } from './fleet-tls.js';
import type { TargetEvent } from './protocol.js';
import { type BackendSpec, SERVER_KINDS, targetsSchema } from './spec.js';
import type { TargetTls } from './tls-schema.js';

const DRIVERS = ['grpc-js', 'wire'] as const;
const REQUIRED: TargetTls = { clients: 'required' };
const noFiles = () => assert.fail('no file is named');

/** A server that serves so. */
const serving = (
  { server, client }: FleetTls,
  backend: Partial<BackendSpec>,
  event?: (event: TargetEvent) => void,
) => startTestTarget(backend, { certificate: server, peerTls: client }, event);

/** Enough for a shake of hands on a busy machine; who is refused is given as long. */
const READY_MS = 1_500;

/** What a call comes to, or why there is no connection. */
async function outcome(driver: (typeof DRIVERS)[number], address: string, tls: ClientTls) {
  using client = createDriver([address], { ...clientSchema.parse({ driver }), tls });
  try {
    await client.ready(READY_MS);
  } catch (error) {
    return (error as Error).message.replace(/^.* within [\d.]+ s:? ?/, '');
  }
  return (await startCall(client, 5_000).ended).status;
}

const NO_CERTIFICATE = {
  'grpc-js': /certificate required/,
  wire: /asks for a certificate of ours/,
};

for (const server of SERVER_KINDS) {
  test(`${server}: clients that have to say who they are, and those that cannot`, async () => {
    const tls = createFleetTls(REQUIRED, {}, noFiles);
    using backend = await serving(tls, { server });
    const stranger = createFleetTls(REQUIRED, {}, noFiles).client;
    const { ca = '', cert: _, key: __, ...anonymous } = tls.client;
    const outcomes = await Promise.all(
      DRIVERS.map(async (driver) => {
        const of = (client: ClientTls) => outcome(driver, backend.address, client);
        const [known = '', nobody = '', refused, deceived = ''] = await Promise.all(
          [tls.client, { ...anonymous, ca }, { ...stranger, ca }, stranger].map(of),
        );
        return { driver, known, nobody, refused, deceived };
      }),
    );
    for (const { driver, known, nobody, refused, deceived } of outcomes) {
      assert.equal(known, 'OK', driver);
      assert.match(nobody, NO_CERTIFICATE[driver], driver);
      assert.notEqual(refused, 'OK', driver);
      assert.match(deceived, /certificate/, driver);
    }
  });
}

test('one that asks for nothing gets nothing, and a client may refuse to show any', () => {
  const plain = createFleetTls(true, {}, noFiles);
  assert.equal(plain.server.clientAuthority, undefined);
  assert.deepEqual(Object.keys(plain.client), ['ca', 'serverName']);
  const shy = createFleetTls(REQUIRED, { certificate: false }, noFiles);
  assert.ok(shy.server.clientAuthority);
  assert.equal(shy.client.cert, undefined);
});

test('backends that depend on each other show a certificate, too', async () => {
  const tls = createFleetTls(REQUIRED, {}, noFiles);
  const checks = [{ dependency: { on: 'b1', backends: ['b0'] } }];
  const [first, second] = targetsSchema.parse({ backends: 2, health: { checks } });
  const events: TargetEvent[] = [];
  using other = await serving(tls, { ...second, server: 'wire' });
  using one = await serving(tls, { ...first }, (event) => events.push(event));
  const nowNs = monotonicNowNs();
  one.target.begin(nowNs, 0, { b0: one.address, b1: other.address });
  await until('it is well', () => events.some(({ detail }) => /b1 is SERVING/.test(detail)));
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test('files of the user’s: an authority, and a name that is not localhost', {
  skip: hasOpenssl ? false : 'needs openssl',
}, async () => {
  const folder = temporaryFolder();
  try {
    makeAuthority(folder);
    const read = (name: string) => ({
      path: name,
      text: readFileSync(join(folder, name), 'utf8'),
    });
    const named = (name: string) => ({
      certificate: { file: `${name}.pem` },
      key: { file: `${name}.key` },
    });
    const authority = { file: 'ca.pem' };
    const target: TargetTls = {
      ...named('server'),
      clients: 'required',
      clientAuthority: authority,
    };
    const files = { authority, serverName: 'chat.example', ...named('client') };
    const tls = createFleetTls(target, files, read);
    for (const server of SERVER_KINDS) {
      using backend = await serving(tls, { server });
      for (const driver of DRIVERS) {
        const of = (client: ClientTls) => outcome(driver, backend.address, client);
        assert.equal(await of(tls.client), 'OK', `${server} ${driver}`);
        if (server === 'wire') {
          assert.match(await of({ ...tls.client, serverName: 'localhost' }), /altnames/, driver);
        }
      }
    }
    // Without an authority of the client's it is the system's to judge.
    assert.equal(createFleetTls(target, named('client'), read).client.ca, undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** `ca`, and `server` and `client` signed by it, `.pem` and `.key` each. */
function makeAuthority(folder: string): void {
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  };
  const made = (name: string, subject: string, ...more: string[]) =>
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'],
      ...['-days', '1', '-subj', `/CN=${subject}`, '-keyout', `${name}.key`, '-out', `${name}.pem`],
      ...more,
    );
  made('ca', 'an authority');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key'];
  made('server', 'a server', ...signed, '-addext', 'subjectAltName=DNS:chat.example');
  made('client', 'a client', ...signed);
}
