/** waitForReady: which calls it is for, and what becomes of them on both drivers while nobody listens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWitness, REQUEST, startCall } from '../../test/support/call-witness.js';
import { startTestTarget } from '../../test/support/target.js';
import { SAY_METHOD } from '../calls/chat-codec.js';
import { clientSchema } from './client-schema.js';
import { createDriver } from './create-driver.js';
import { waitForReadyOf } from './wait-for-ready.js';

test('of the method configs that match the closest counts', () => {
  assert.equal(waitForReadyOf({}), undefined);
  assert.equal(waitForReadyOf({ methodConfig: [{ name: [{}] }] }), undefined);
  const waits = waitForReadyOf({
    methodConfig: [
      { name: [{}], waitForReady: true },
      { name: [{ service: 'a.A' }] },
      { name: [{ service: 'a.A', method: 'Waits' }], waitForReady: true },
      { name: [{ service: 'b.B', method: 'Fails' }], waitForReady: false },
    ],
  });
  const table: [method: string, waits: boolean][] = [
    ['/a.A/Any', false],
    ['/a.A/Waits', true],
    ['/b.B/Fails', false],
    ['/b.B/Any', true],
  ];
  // Twice: what was found is kept.
  for (const [method, expected] of [...table, ...table]) {
    assert.equal(waits?.(method), expected, method);
  }
});

/** An address on which nobody listens, and whoever may come. */
async function silentPort(): Promise<number> {
  using target = await startTestTarget({});
  return target.target.port;
}

for (const driverName of ['grpc-js', 'wire'] as const) {
  test(`${driverName}: without a connection a call fails at once, or waits until its deadline`, async () => {
    const port = await silentPort();
    const connect = (waitForReady: boolean) => {
      const backoff = { initial: '20ms', maximum: '40ms' };
      const client = { driver: driverName, waitForReady, connectBackoff: backoff };
      return createDriver([`127.0.0.1:${port}`], clientSchema.parse(client));
    };
    using failing = connect(false);
    assert.equal((await startCall(failing, 30_000).ended).status, 'UNAVAILABLE');
    using driver = connect(true);
    assert.equal((await startCall(driver, 100).ended).status, 'DEADLINE_EXCEEDED');
    const cancelled = startCall(driver, 30_000);
    const waiting = startCall(driver, 30_000);
    assert.equal((await startCall(driver, 50).ended).status, 'DEADLINE_EXCEEDED');
    cancelled.ticket.cancel();
    assert.equal((await cancelled.ended).status, 'CANCELLED');
    using _target = await startTestTarget({ port });
    assert.equal((await waiting.ended).status, 'OK');
    assert.equal((await startCall(driver, 30_000).ended).status, 'OK');
  });
}

test('grpc-js: a service config says it method by method', async () => {
  const name = [{ service: 'chat.ChatService', method: 'Say' }];
  const methodConfig = [{ name, waitForReady: true }];
  const spec = clientSchema.parse({ serviceConfig: { methodConfig } });
  using driver = createDriver([`127.0.0.1:${await silentPort()}`], spec);
  const call = async (method: string) => {
    const { ticket, ended } = createWitness();
    driver.channels[0]?.unary(method, REQUEST, ticket, 150e6);
    return (await ended).status;
  };
  assert.equal(await call('/chat.ChatService/Other'), 'UNAVAILABLE');
  assert.equal(await call(SAY_METHOD), 'DEADLINE_EXCEEDED');
});
