/**
 * What grpc-js does of policies (gRFC A2, A21, A50, A58) that nobody would expect: docs/client-behaviour.md,
 * "grpc-js, suspect by suspect". A test that goes red here is a client that has changed.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { ServerMetricRecorder, type ServerWritableStream } from '@grpc/grpc-js';
import { numberedClient, startServers } from '../../../test/support/numbered-servers.js';
import { startRawServer, unaryCode } from '../../../test/support/raw-server.js';
import { until } from '../../../test/support/until.js';

type Servers = Awaited<ReturnType<typeof startServers>>;

const clientOf = ({ backends }: Servers, serviceConfig: object) =>
  numberedClient(`ipv4:${backends.map(({ address }) => address).join(',')}`, {
    'grpc.service_config': JSON.stringify(serviceConfig),
  });

test('a policy that it cannot read is pick_first, and no error of anybody', async () => {
  using servers = await startServers(2);
  const inNanos = { interval: { seconds: 1, nanos: 0 }, child_policy: [{ round_robin: {} }] };
  const asInA50 = { interval: '1s', childPolicy: [{ round_robin: {} }] };
  const table: [config: object, expected: string[]][] = [
    [{ loadBalancingConfig: [{ round_robin: {} }] }, ['b0', 'b1']],
    [{ loadBalancingConfig: [{ outlier_detection: inNanos }] }, ['b0', 'b1']],
    // A50's own spelling is round_robin, too; what nobody has A21 refuses: calls fail and say why.
    [{ loadBalancingConfig: [{ outlier_detection: asInA50 }] }, ['b0']],
    [{ loadBalancingConfig: [{ least_request: {} }] }, ['b0']],
    // The old way to say round_robin.
    [{ loadBalancingPolicy: 'ROUND_ROBIN' }, ['b0']],
  ];
  for (const [config, expected] of table) {
    using client = clientOf(servers, config);
    // Both are connected only some calls later.
    if (expected.length === 2) {
      await until('both answer', async () => (await client.those(2)).length === 2);
    }
    assert.deepEqual(await client.those(6), expected, JSON.stringify(config));
  }
});

/** For as long as both are to be seen: reports come every 50 ms, weights are set every 100. */
const reported = {
  enable_oob_load_report: true,
  oob_load_reporting_period: '0.05s',
  blackout_period: '0s',
  weight_update_period: '0.1s',
};

test('weights: who has none gets no calls, and a load that is of the CPU alone is none', async () => {
  using servers = await startServers(3, (server, name) => {
    if (name === 'b2') return;
    const recorder = new ServerMetricRecorder();
    recorder.setQpsMetric(1e4);
    // As loaded as each other, by A58: without an application's utilisation the CPU's is taken.
    if (name === 'b0') recorder.setApplicationUtilizationMetric(0.01);
    else recorder.setCpuUtilizationMetric(0.01);
    recorder.addToServer(server);
  });
  using client = clientOf(servers, { loadBalancingConfig: [{ weighted_round_robin: reported }] });
  const hasOneOnly = async () => {
    const those = await client.those(30);
    return those.length === 1 && those[0] === 'b0';
  };
  await until('b0 has all calls', hasOneOnly);
  // Not for want of a report: time for ten of each.
  const fromMs = performance.now();
  while (performance.now() - fromMs < 500) assert.ok(await hasOneOnly(), 'another has calls');
});

const REPORTS = '/xds.service.orca.v3.OpenRcaService/StreamCoreMetrics';
const asIs = (bytes: Buffer) => bytes;

test("weights: A58's own key for the period of reports is not read", async () => {
  const asked = new Set<string>();
  using servers = await startServers(1, (server) =>
    server.addService(
      {
        StreamCoreMetrics: {
          path: REPORTS,
          requestStream: false,
          responseStream: true,
          requestSerialize: asIs,
          requestDeserialize: asIs,
          responseSerialize: asIs,
          responseDeserialize: asIs,
        },
      },
      {
        StreamCoreMetrics: (call: ServerWritableStream<Buffer, Buffer>) =>
          asked.add(call.request.toString('hex')),
      },
    ),
  );
  const policy = { enable_oob_load_report: true, oob_reporting_period: '3s' };
  using client = clientOf(servers, { loadBalancingConfig: [{ weighted_round_robin: policy }] });
  assert.deepEqual(await client.those(1), ['b0']);
  await until('reports are asked for', () => asked.size > 0);
  // A Duration of 10 s in field 1, which is the default; 3 s would be 0a0408031000.
  assert.deepEqual([...asked], ['0a04080a1000']);
});

test('a report with each reply parses its contract each time', async (t) => {
  const loader = createRequire(import.meta.url)('@grpc/proto-loader') as {
    loadSync: () => unknown;
  };
  const { mock } = t.mock.method(loader, 'loadSync');
  using server = await startRawServer(
    {
      unary(call, reply) {
        call.getMetricsRecorder().recordQpsMetric(1);
        reply(null, call.request);
      },
    },
    { 'grpc.server_call_metric_recording': 1 },
  );
  using client = server.client();
  for (let call = 1; call <= 4; call++) {
    assert.equal(await unaryCode(client), 0);
    assert.equal(mock.callCount(), call);
  }
});
