import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, faultWindow, startTestFleet } from '../../test/support/fleet.js';
import { until } from '../../test/support/until.js';
import { SERVER_KINDS } from './spec.js';

const MS = 1e6;
const NOT_FOUND = 5;

for (const server of SERVER_KINDS) {
  describe(`on ${server}`, () => {
    test('Check and Watch know the server, the chat and nothing else; List has what there is', async () => {
      await using fleet = await startTestFleet({
        server,
        faults: [
          faultWindow('health-set', { service: 'chat.ChatService', status: 'NOT_SERVING' }),
          faultWindow('health-set', { service: 'chat.ChatService/Chat', status: 'UNKNOWN' }),
          faultWindow('health-set', { service: 'other', status: 'SERVING' }),
          faultWindow('health-set', { service: 'no.more', status: 'SERVICE_UNKNOWN' }),
        ],
      });
      using client = createChatClient(fleet.address);
      for (const service of ['', 'chat.ChatService']) {
        const { code, reply } = await client.check(service);
        assert.deepEqual([code, reply], [0, { status: 'SERVING' }]);
      }
      assert.equal((await client.check('nobody')).code, NOT_FOUND);
      const watches = [client.watch('nobody'), client.watch('')];
      await until('a first message at once', () =>
        watches.every(({ messages }) => messages.length > 0),
      );
      assert.deepEqual(
        watches.map(({ messages }) => messages),
        [[{ status: 'SERVICE_UNKNOWN' }], [{ status: 'SERVING' }]],
      );
      for (const { cancel } of watches) cancel();

      beginNow(fleet);
      await until('all faults', () => fleet.events('health').length === 4);
      const { reply } = await client.listHealth();
      const statuses = Object.entries(reply?.statuses ?? {});
      assert.deepEqual(Object.fromEntries(statuses.map(([name, { status }]) => [name, status])), {
        '': 'SERVING',
        'chat.ChatService': 'NOT_SERVING',
        'chat.ChatService/Chat': 'UNKNOWN',
        'chat.ChatService/Say': 'NOT_SERVING',
        'chat.ChatService/SayAll': 'NOT_SERVING',
        'chat.ChatService/Listen': 'NOT_SERVING',
        other: 'SERVING',
      });
      assert.equal((await client.check('no.more')).code, NOT_FOUND);
    });

    test('health-set changes one service of one backend and gives it back at its end', async () => {
      const set = faultWindow(
        'health-set',
        { service: 'chat.ChatService', status: 'NOT_SERVING' },
        { fromNs: 100 * MS, toNs: 300 * MS, backends: ['b1'] },
      );
      await using fleet = await startTestFleet({
        server,
        specs: [
          { name: 'b0', port: 0 },
          { name: 'b1', port: 0 },
        ],
        faults: [set],
      });
      const clients = fleet.backends.map(({ address }) => createChatClient(address));
      const watches = clients.map((client) => client.watch('chat.ChatService'));
      const whole = clients.map((client) => client.watch(''));
      await until('all watch', () =>
        [...watches, ...whole].every(({ messages }) => messages.length > 0),
      );
      beginNow(fleet);
      await until('both changes', () => (watches[1]?.messages.length ?? 0) >= 3);
      const heard = [...watches, ...whole].map(({ messages }) =>
        messages.map(({ status }) => status),
      );
      assert.deepEqual(heard, [
        ['SERVING'],
        ['SERVING', 'NOT_SERVING', 'SERVING'],
        ['SERVING'],
        ['SERVING'],
      ]);
      await until('all events', () => fleet.events('fault.end').length === 1);
      for (const client of clients) client.close();
      await fleet.stop();

      const changes = fleet.events('health').map(({ subject, detail }) => [subject, detail]);
      assert.deepEqual(changes, [
        ['b1', 'b1: service "chat.ChatService" is NOT_SERVING'],
        ['b1', 'b1: service "chat.ChatService" is SERVING'],
      ]);
      const methods = ['Chat', 'Say', 'SayAll', 'Listen'];
      assert.deepEqual(fleet.events('health')[0]?.health, {
        services: ['chat.ChatService', ...methods.map((method) => `chat.ChatService/${method}`)],
        to: 'NOT_SERVING',
      });
      for (const [kind, plannedNs] of [
        ['fault.start', 100 * MS],
        ['fault.end', 300 * MS],
      ] as const) {
        const [event] = fleet.events(kind);
        assert.equal(event?.subject, set.id);
        assert.equal(event?.plannedNs, plannedNs);
        assert.match(event?.detail ?? '', /b1/);
        assert.ok((event?.atNs ?? 0) >= plannedNs, 'never before it was planned');
      }
      assert.equal(fleet.totals('b1').healthWatchers, 2, 'counted though they began before zero');
    });

    test('health-flap goes back and forth, and its end leaves it SERVING', async () => {
      const flap = faultWindow(
        'health-flap',
        { period: '80ms', duty: '50%' },
        // Down at 0, up at 40, down at 80, up at 120, down at 160, ended at 180 while it is down.
        { toNs: 180 * MS },
      );
      await using fleet = await startTestFleet({ server, faults: [flap] });
      using client = createChatClient(fleet.address);
      const watch = client.watch('');
      await until('it watches', () => watch.messages.length > 0);
      beginNow(fleet);
      await until('its end', () => fleet.events('fault.end').length === 1);
      assert.deepEqual((await client.check('')).reply, { status: 'SERVING' });
      await until('the last change', () => watch.messages.at(-1)?.status === 'SERVING');
      const heard = watch.messages.map(({ status }) => status);
      assert.deepEqual(
        heard,
        heard.map((_, index) => (index % 2 === 0 ? 'SERVING' : 'NOT_SERVING')),
      );
      // A server that is held up between two changes makes the next one late, and may end before it.
      assert.ok(heard.length >= 3 && heard.length <= 7, heard.join());
      watch.cancel();
    });
  });
}
