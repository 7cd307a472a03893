/** The proxy as a process: what it serves and reports, and what is left of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { inTurn, startBalanced } from '../../test/support/balanced.js';
import { faultWindow } from '../../test/support/fleet.js';
import { isRunning } from '../../test/support/processes.js';
import { until } from '../../test/support/until.js';
import { monotonicNowNs } from '../base/clock.js';
import { RunError } from '../base/errors.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import type { EventLine, ProxyLine, RecordLine } from '../metrics/record.js';
import { pathOfProgram } from './programs.js';
import { PROXY_PROGRAMS } from './spec.js';
import { startVariantProxy, type VariantProxyOptions } from './variant-proxy.js';

/** Two servers, of which the test uses the addresses and not the proxy before them. */
const startServers = () => startBalanced('round_robin', [{}, {}]);

async function start(
  { targets }: Awaited<ReturnType<typeof startServers>>,
  options: Partial<VariantProxyOptions> = {},
) {
  const lines: RecordLine[] = [];
  const lost: string[] = [];
  const proxy = await startVariantProxy({
    spec: {},
    backends: targets.map(({ port }, index) => ({
      name: `b${index}`,
      address: `127.0.0.1:${port}`,
    })),
    ...{ variant: 'test', seed: 7, faults: [], intervalNs: 100e6 },
    sink: { write: (line) => void lines.push(line) },
    onLost: (reason) => void lost.push(reason),
    ...options,
  });
  const isOf = <Type extends RecordLine['type']>(type: Type) =>
    lines.filter((line): line is Extract<RecordLine, { type: Type }> => line.type === type);
  return { proxy, lost, counted: () => isOf('proxy'), events: () => isOf('event') };
}

async function statusesThrough(addresses: readonly string[], count: number) {
  const client = createDriver([...addresses], clientSchema.parse({ driver: 'wire' }), {
    onConnectionLost() {},
  });
  try {
    await client.ready(5_000);
    return await inTurn(client, count);
  } finally {
    client[Symbol.dispose]();
  }
}

const callsOf = (lines: readonly ProxyLine[]) =>
  lines.reduce((sum, { counts }) => sum + (counts?.calls ?? 0), 0);
const kindsOf = (events: readonly EventLine[]) => events.map(({ kind, detail }) => [kind, detail]);

test('a listener for each backend, faults on the load clock, and everything reported', async () => {
  using servers = await startServers();
  const abort = faultWindow('rpc-abort', { code: 'ABORTED' }, { backends: ['b1'], in: 'proxy' });
  const { proxy, lost, counted, events } = await start(servers, { faults: [abort] });
  await using _proxy = proxy;
  assert.deepEqual(
    proxy.endpoints.map(({ name }) => name),
    ['b0', 'b1'],
  );
  proxy.begin(monotonicNowNs());
  await until('the fault acts', () => events().length > 0);
  const [b0 = assert.fail(), b1 = assert.fail()] = proxy.endpoints;
  assert.deepEqual(await statusesThrough([b0.address], 3), ['OK', 'OK', 'OK']);
  assert.deepEqual(await statusesThrough([b1.address], 2), ['ABORTED', 'ABORTED']);
  await proxy.stop();
  assert.equal(isRunning(proxy.pid), false);
  assert.equal(callsOf(counted()), 5);
  const hits = counted().map(({ counts }) => counts?.faults[abort.id]?.hit ?? 0);
  assert.equal(
    hits.reduce((sum, hit) => sum + hit, 0),
    2,
  );
  assert.ok(counted().every(({ cpuNs = 0 }) => cpuNs > 0));
  assert.deepEqual(kindsOf(events()), [
    ['fault.start', 'rpc-abort begins on b1'],
    ['fault.end', 'rpc-abort ends on b1'],
  ]);
  assert.deepEqual(lost, [], 'who was told to stop was not lost');
});

test('a proxy that dies is told of once, with the reason', async () => {
  using servers = await startServers();
  const { proxy, lost, events } = await start(servers, { spec: { balance: 'least_request' } });
  await using _proxy = proxy;
  assert.deepEqual(
    proxy.endpoints.map(({ name }) => name),
    ['proxy'],
  );
  process.kill(proxy.pid, 'SIGKILL');
  await until('its loss', () => lost.length > 0);
  assert.deepEqual(lost, ['was ended by SIGKILL']);
  assert.deepEqual(kindsOf(events()), [['proxy.died', 'the proxy was ended by SIGKILL']]);
});

for (const program of PROXY_PROGRAMS) {
  const skip = pathOfProgram(program) === undefined ? `needs ${program}` : false;
  test(`${program} before two servers, in turn, and gone with us`, { skip }, async () => {
    using servers = await startServers();
    const spec = { program, balance: 'round_robin' } as const;
    const { proxy, counted, lost } = await start(servers, { spec });
    await using _proxy = proxy;
    proxy.begin(monotonicNowNs());
    const [{ address } = assert.fail()] = proxy.endpoints;
    const statuses = await statusesThrough([address], 20);
    assert.ok(statuses.every((status) => status === 'OK'));
    assert.deepEqual(servers.received(), [10, 10]);
    await proxy.stop();
    assert.ok(counted().some(({ cpuNs = 0 }) => cpuNs > 0) || process.platform !== 'linux');
    assert.ok(counted().every(({ counts }) => counts === undefined));
    assert.deepEqual(lost, []);
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    await assert.rejects(once(socket, 'connect'), /ECONNREFUSED/);
  });
}

test('a program that is not there is a reason and no riddle', async () => {
  assert.equal(pathOfProgram('nginx', ['/nowhere']), undefined);
  using servers = await startServers();
  const spec = { program: 'squid' as 'nginx', balance: 'round_robin' } as const;
  await assert.rejects(start(servers, { spec }), (error) => {
    assert.ok(error instanceof RunError);
    assert.match(error.message, /the proxy cannot be started: squid is not installed/);
    return true;
  });
});
