/** TLS with a proxy in between: who is let in, wherever it ends, as both drivers see it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCall } from '../../test/support/call-witness.js';
import { startTestTarget } from '../../test/support/target.js';
import { monotonicNowNs } from '../base/clock.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import type { ClientTls } from '../drivers/spec.js';
import { hostOctets } from '../proxy/octets-host.js';
import type { ProxySnapshot } from '../proxy/protocol.js';
import { hostRelay } from '../proxy/relay-host.js';
import type { ProxyTls } from '../proxy/spec.js';
import { createFleetTls, externalTls } from '../targets/fleet-tls.js';
import { tlsSides } from './tls-sides.js';

const DRIVERS = ['grpc-js', 'wire'] as const;
const READY_MS = 1_500;
const noFiles = () => assert.fail('no file is named');
const make = () => createFleetTls(true, {}, noFiles);

/** What a call comes to; "refused" when there is no connection. */
async function outcome(driver: (typeof DRIVERS)[number], address: string, tls?: ClientTls) {
  using client = createDriver([address], {
    ...clientSchema.parse({ driver }),
    ...(tls && { tls }),
  });
  try {
    await client.ready(READY_MS);
  } catch {
    return 'refused';
  }
  return (await startCall(client, 5_000).ended).status;
}

/** A proxy of the mode before a server that asks its clients who they are, or serves in cleartext. */
async function startMode(mode: ProxyTls, isSecure: boolean) {
  const fleet = isSecure ? createFleetTls({ clients: 'required' }, {}, noFiles) : undefined;
  const target = await startTestTarget(
    { server: 'wire' },
    fleet === undefined ? {} : { certificate: fleet.server, peerTls: fleet.client },
  );
  const sides = tlsSides({ proxy: { tls: mode }, fleet, external: undefined, make });
  const host = mode === 'pass-through' ? hostOctets : hostRelay;
  const snapshots: ProxySnapshot[] = [];
  const port = Number(target.address.split(':')[1]);
  const proxy = await host(
    {
      spec: { tls: mode },
      upstreams: [{ name: 'b0', address: { host: '127.0.0.1', port } }],
      ...(sides.listen && { certificate: sides.listen }),
      ...(sides.upstream && { upstreamTls: sides.upstream }),
      ...{ seed: 1, faults: [], intervalNs: 1e9 },
    },
    { snapshot: (one) => void snapshots.push(one), event() {}, lost() {} },
  );
  proxy.begin(monotonicNowNs());
  return {
    address: `127.0.0.1:${proxy.ports[0]}`,
    sides,
    snapshots,
    async [Symbol.asyncDispose]() {
      await proxy.stop();
      target[Symbol.dispose]();
    },
  };
}

test('TLS on both sides: the proxy asks its clients who they are, as the target does', async () => {
  await using proxy = await startMode('both', true);
  const { ca = '', serverName = '' } = proxy.sides.clients ?? {};
  for (const driver of DRIVERS) {
    assert.equal(await outcome(driver, proxy.address, proxy.sides.clients), 'OK', driver);
    assert.equal(await outcome(driver, proxy.address, { ca, serverName }), 'refused', driver);
  }
});

test('TLS that begins at the proxy, which is then the client that the target knows', async () => {
  await using proxy = await startMode('originate', true);
  assert.equal(proxy.sides.clients, undefined);
  for (const driver of DRIVERS) assert.equal(await outcome(driver, proxy.address), 'OK', driver);
});

test('TLS that ends at the proxy, with a certificate of its own', async () => {
  await using proxy = await startMode('terminate', false);
  for (const driver of DRIVERS) {
    assert.equal(await outcome(driver, proxy.address, proxy.sides.clients), 'OK', driver);
  }
  assert.equal(await outcome('wire', proxy.address, make().client), 'refused', 'of another run');
});

test('TLS that passes through, of which the proxy counts connections', async () => {
  const proxy = await startMode('pass-through', true);
  const { ca = '', serverName = '' } = proxy.sides.clients ?? {};
  for (const driver of DRIVERS) {
    assert.equal(await outcome(driver, proxy.address, proxy.sides.clients), 'OK', driver);
  }
  assert.equal(await outcome('wire', proxy.address, { ca, serverName }), 'refused');
  await proxy[Symbol.asyncDispose]();
  const accepted = proxy.snapshots.map(({ octets }) => octets?.connectionsAccepted ?? 0);
  assert.ok(accepted.reduce((sum, count) => sum + count, 0) >= 3);
  assert.ok(proxy.snapshots.every(({ counts }) => counts === undefined));
});

test('targets of others: the proxy trusts as the client was told to, clients trust the proxy', () => {
  const external = externalTls({}, 'api.example', noFiles);
  assert.deepEqual(external, { serverName: 'api.example' });
  const none = { fleet: undefined, external, make };
  assert.deepEqual(tlsSides({ ...none, proxy: undefined }), { clients: external });
  assert.deepEqual(tlsSides({ ...none, proxy: { tls: 'originate' } }), { upstream: external });
  const { clients, listen, upstream } = tlsSides({ ...none, proxy: {} });
  assert.deepEqual([clients?.ca, upstream], [listen?.cert, external]);
  assert.deepEqual(tlsSides({ ...none, external: undefined, proxy: {} }), { clients: undefined });
});
