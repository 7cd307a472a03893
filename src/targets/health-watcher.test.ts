/** The client's view of health, kept up over faults and over the loss of its server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginNow, faultWindow, startTestFleet } from '../../test/support/fleet.js';
import { until } from '../../test/support/until.js';
import { watchHealth } from './health-watcher.js';

const MS = 1e6;
const CHAT = 'chat.ChatService';
const QUICK = { 'grpc.initial_reconnect_backoff_ms': 20, 'grpc.max_reconnect_backoff_ms': 40 };

function watch(address: string, services: readonly string[]) {
  const heard: string[] = [];
  const reasons: string[] = [];
  const stop = watchHealth({
    address,
    services,
    channelOptions: QUICK,
    onChange(service, to, why) {
      heard.push(`${service}=${to}`);
      reasons.push(why);
    },
  });
  return { heard, reasons, [Symbol.dispose]: stop };
}

test('each change of each name is told once; a lost server is UNKNOWN until it is back', async () => {
  await using first = await startTestFleet({
    server: 'wire',
    faults: [faultWindow('health-set', { service: CHAT, status: 'NOT_SERVING' })],
  });
  using watched = watch(first.address, ['', CHAT]);
  await until('both', () => watched.heard.length === 2);
  assert.deepEqual(watched.heard.splice(0).sort(), ['=SERVING', `${CHAT}=SERVING`]);
  beginNow(first);
  await until('the fault', () => watched.heard.length === 1);
  assert.deepEqual(watched.heard.splice(0), [`${CHAT}=NOT_SERVING`]);
  await first[Symbol.asyncDispose]();
  await until('the loss', () => watched.heard.length === 2);
  assert.deepEqual(watched.heard.splice(0).sort(), ['=UNKNOWN', `${CHAT}=UNKNOWN`]);
  assert.match(watched.reasons.at(-1) ?? '', /^Watch ended with (UNAVAILABLE|CANCELLED)/);

  const port = Number(first.address.split(':')[1]);
  await using _second = await startTestFleet({
    server: 'grpc-js',
    specs: [{ name: 'b0', port }],
  });
  await until('its return', () => watched.heard.length === 2);
  assert.deepEqual(watched.heard.sort(), ['=SERVING', `${CHAT}=SERVING`]);
});

test('a Watch that fails is UNKNOWN, an unimplemented one SERVING, and both are asked again', async () => {
  const faults = [
    faultWindow('health-watch', { does: 'error', service: '' }, { toNs: 150 * MS }),
    faultWindow('health-set', { service: CHAT, status: 'NOT_SERVING' }),
    faultWindow(
      'health-watch',
      { does: 'unimplemented', service: CHAT },
      { fromNs: 100 * MS, toNs: 250 * MS },
    ),
  ];
  await using fleet = await startTestFleet({ faults });
  using whole = watch(fleet.address, ['']);
  using chat = watch(fleet.address, [CHAT]);
  await until('both', () => whole.heard.length === 1 && chat.heard.length === 1);
  beginNow(fleet);
  await until('all', () => whole.heard.length === 3 && chat.heard.length === 4);
  assert.deepEqual(whole.heard, ['=SERVING', '=UNKNOWN', '=SERVING']);
  assert.deepEqual(whole.reasons[1], 'Watch ended with UNAVAILABLE: ended by health-watch');
  assert.deepEqual(
    chat.heard,
    ['SERVING', 'NOT_SERVING', 'SERVING', 'NOT_SERVING'].map((status) => `${CHAT}=${status}`),
  );
  assert.match(chat.reasons[2] ?? '', /not implemented/);
});
