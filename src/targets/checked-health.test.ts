/** Health checks in real servers of both kinds, as a real client hears of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, faultWindow, startTestFleet } from '../../test/support/fleet.js';
import { until } from '../../test/support/until.js';
import { SERVER_KINDS, targetsSchema } from './spec.js';

const MS = 1e6;
const SAY = 'chat.ChatService/Say';

const statusesOf = ({ messages }: { messages: readonly { status: string }[] }) =>
  messages.map(({ status }) => status);

for (const server of SERVER_KINDS) {
  test(`on ${server}: a long line speaks for its method, a loop that stood still for all`, async () => {
    const specs = targetsSchema.parse({
      backends: 1,
      server,
      capacity: { slots: 1, serviceTime: '60ms' },
      health: {
        checks: [
          { 'queue-length': { above: 2, hold: '20ms', services: [SAY] } },
          { 'event-loop-delay': { above: '150ms', hold: '50ms', services: [''] } },
        ],
      },
    });
    await using fleet = await startTestFleet({ specs });
    using client = createChatClient(fleet.address);
    const [say, whole] = [client.watch(SAY), client.watch('')];
    await until('they watch', () => say.messages.length + whole.messages.length === 2);
    beginNow(fleet);
    // One is served and four wait; with one left it is well again.
    const calls = Array.from({ length: 5 }, () => client.say('hello'));
    await until('both changes', () => say.messages.length === 3);
    await Promise.all(calls);
    assert.deepEqual([say, whole].map(statusesOf), [
      ['SERVING', 'NOT_SERVING', 'SERVING'],
      ['SERVING'],
    ]);

    const pid = fleet.backends[0]?.pid ?? assert.fail();
    process.kill(pid, 'SIGSTOP');
    await sleep(300);
    process.kill(pid, 'SIGCONT');
    await until('both changes', () => whole.messages.length === 3);
    assert.deepEqual(statusesOf(whole), ['SERVING', 'NOT_SERVING', 'SERVING']);
    await until('the events', () => fleet.events('health').length === 4);
    const [full, , late] = fleet.events('health').map(({ detail }) => detail);
    assert.match(full ?? '', /^b0: service ".*\/Say" is NOT_SERVING \(queue-length: [34] requests/);
    assert.match(late ?? '', /^b0: service "" is NOT_SERVING \(event-loop-delay: its .* ms late\)/);
    say.cancel();
    whole.cancel();
  });
}

test('dependency: UNKNOWN at first, then as the other is, also when that is lost', async () => {
  const specs = targetsSchema.parse({
    backends: 3,
    health: {
      checks: [
        { dependency: { on: 'b1', backends: ['b0'] } },
        { dependency: { on: 'b2', backends: ['b1'], services: ['chat.ChatService'] } },
      ],
    },
  });
  const set = faultWindow(
    'health-set',
    { status: 'NOT_SERVING' },
    { fromNs: 500 * MS, toNs: 600 * MS, backends: ['b1', 'b2'] },
  );
  await using fleet = await startTestFleet({
    specs: specs.map((spec) => ({ ...spec, server: spec.name === 'b1' ? 'wire' : 'grpc-js' })),
    faults: [set],
  });
  const clients = fleet.backends.map(({ address }) => createChatClient(address));
  const [first, second] = [clients[0]?.watch(''), clients[1]?.watch('chat.ChatService')];
  assert.ok(first && second);
  const heard = () => [first, second].map(({ messages }) => messages.length);
  await until('they watch', () => heard().join() === '1,1');
  beginNow(fleet);
  await until('the fault', () => heard().join() === '4,4');
  for (const { pid } of fleet.backends.slice(1)) process.kill(pid, 'SIGKILL');
  await until('the loss', () => heard()[0] === 5);
  const course = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVING'];
  assert.deepEqual(statusesOf(first), [...course, 'NOT_SERVING']);
  assert.deepEqual(statusesOf(second).slice(0, 4), course);
  for (const client of clients) client.close();
});
