/** Health checks in real servers of both kinds, as a real client hears of them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, faultWindow, startTestFleet } from '../../test/support/fleet.js';
import { until } from '../../test/support/until.js';
import { SERVER_KINDS, targetsSchema } from './spec.js';

const MS = 1e6;
const SAY = 'chat.ChatService/Say';

const specsOf = (targets: object) => targetsSchema.parse(targets);

for (const [index, server] of SERVER_KINDS.entries()) {
  describe(`on ${server}`, () => {
    test('queue-length: a method is NOT_SERVING while its line is long', async () => {
      const specs = specsOf({
        backends: 1,
        server,
        capacity: { slots: 1, serviceTime: '60ms' },
        health: { checks: [{ 'queue-length': { above: 2, hold: '20ms', services: [SAY] } }] },
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
      assert.deepEqual(
        say.messages.map(({ status }) => status),
        ['SERVING', 'NOT_SERVING', 'SERVING'],
      );
      assert.equal(whole.messages.length, 1, 'the check has no say in the whole server');
      const [event] = fleet.events('health');
      assert.match(
        event?.detail ?? '',
        /^b0: service ".*Say" is NOT_SERVING \(queue-length: [34] /,
      );
      say.cancel();
      whole.cancel();
    });

    test('event-loop-delay: a server that stood still says so when it is back', async () => {
      const mark = faultWindow('rpc-hang', {}, { toNs: 1 });
      const specs = specsOf({
        backends: 1,
        server,
        health: { checks: [{ 'event-loop-delay': { above: '150ms', hold: '50ms' } }] },
      });
      await using fleet = await startTestFleet({ specs, faults: [mark] });
      using client = createChatClient(fleet.address);
      const whole = client.watch('');
      await until('it watches', () => whole.messages.length === 1);
      beginNow(fleet);
      // It looks at itself from the moment at which it plays its faults.
      await until('its beginning', () => fleet.events('fault.start').length === 1);
      const pid = fleet.backends[0]?.pid ?? assert.fail();
      process.kill(pid, 'SIGSTOP');
      await sleep(300);
      process.kill(pid, 'SIGCONT');
      await until('both changes', () => whole.messages.length === 3);
      assert.deepEqual(
        whole.messages.map(({ status }) => status),
        ['SERVING', 'NOT_SERVING', 'SERVING'],
      );
      const [event] = fleet.events('health');
      assert.match(event?.detail ?? '', /^b0: services "", "chat.ChatService" are NOT_SERVING/);
      whole.cancel();
    });

    test('dependency: UNKNOWN at first, then as the other is, also when that is lost', async () => {
      const other = SERVER_KINDS[(index + 1) % SERVER_KINDS.length] ?? server;
      const [needy, needed] = specsOf({
        backends: 2,
        health: { checks: [{ dependency: { on: 'b1' } }] },
      });
      assert.ok(needy && needed);
      const set = faultWindow(
        'health-set',
        { status: 'NOT_SERVING' },
        { fromNs: 300 * MS, toNs: 400 * MS, backends: ['b1'] },
      );
      const specs = [
        { ...needy, server },
        { ...needed, server: other },
      ];
      await using fleet = await startTestFleet({ specs, faults: [set] });
      using client = createChatClient(fleet.address);
      const whole = client.watch('');
      await until('it watches', () => whole.messages.length === 1);
      beginNow(fleet);
      await until('the fault', () => whole.messages.length === 4);
      process.kill(fleet.backends[1]?.pid ?? assert.fail(), 'SIGKILL');
      await until('the loss', () => whole.messages.length === 5);
      assert.deepEqual(
        whole.messages.map(({ status }) => status),
        ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVING', 'NOT_SERVING'],
      );
      assert.deepEqual(
        fleet.lost.map(({ backend }) => backend),
        ['b1'],
      );
      whole.cancel();
    });
  });
}
