/** Targets of others under health-aware: who has a health service is taken, who has none is named. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { startTestTarget } from '../../test/support/target.js';
import { UserError } from '../base/errors.js';
import { clientSchema } from '../drivers/client-schema.js';
import { requireHealth } from './require-health.js';

async function startBareServer() {
  const server = new Server();
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { address: `127.0.0.1:${port}`, [Symbol.dispose]: () => server.forceShutdown() };
}

test('of the targets those without a health service are named, others are not', async () => {
  using bare = await startBareServer();
  using ours = await startTestTarget({});
  const backends = [{ name: 'ours', port: 0, external: ours.address }];
  const endpoints = [
    { name: 'ours', address: ours.address },
    { name: 'bare', address: bare.address },
    { name: bare.address, address: bare.address },
    // Nobody is there: that is told by who connects.
    { name: 'gone', address: '127.0.0.1:1' },
  ];
  const client = clientSchema.parse({ balancer: { 'health-aware': { child: 'round_robin' } } });
  await assert.rejects(requireHealth({ backends, client }, endpoints, undefined), (error) => {
    assert.ok(error instanceof UserError);
    assert.deepEqual(
      error.message.split('\n').map((line) => line.replace(/, which.*/, '')),
      [
        `client.balancer: health-aware on bare (${bare.address})`,
        `client.balancer: health-aware on ${bare.address}`,
      ],
    );
    assert.match(error.message, /no health service: .*serve grpc\.health\.v1\.Health there/);
    return true;
  });
  await requireHealth({ backends, client }, endpoints.slice(0, 1), undefined);
  // Other balancers ask nobody, and neither does anybody on targets of ours.
  await requireHealth({ backends, client: clientSchema.parse({}) }, endpoints, undefined);
  await requireHealth({ backends: [{ name: 'b0', port: 0 }], client }, endpoints, undefined);
});
