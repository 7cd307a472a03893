/**
 * `health-watch` as real clients meet it, on both kinds of server: those that watch when it begins,
 * and those that come while it lasts.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, faultWindow, startTestFleet } from '../../test/support/fleet.js';
import { until } from '../../test/support/until.js';
import { SERVER_KINDS } from './spec.js';

const MS = 1e6;
const INTERNAL = 13;
const UNIMPLEMENTED = 12;

const statusesOf = ({ messages }: { messages: readonly { status: string }[] }) =>
  messages.map(({ status }) => status);

for (const server of SERVER_KINDS) {
  describe(`on ${server}`, () => {
    test('silent: nobody hears of a change until it is over, and then how it stands', async () => {
      const silent = faultWindow('health-watch', { does: 'silent' }, { toNs: 400 * MS });
      const during = { fromNs: 50 * MS, toNs: 100 * MS };
      const twice = faultWindow('health-set', { status: 'NOT_SERVING' }, during);
      const stays = faultWindow(
        'health-set',
        { service: 'chat.ChatService', status: 'NOT_SERVING' },
        { fromNs: 50 * MS, toNs: 3_600e9 },
      );
      await using fleet = await startTestFleet({ server, faults: [silent, twice, stays] });
      using client = createChatClient(fleet.address);
      const running = [client.watch(''), client.watch('chat.ChatService')];
      await until('they watch', () => running.every(({ messages }) => messages.length === 1));
      beginNow(fleet);
      await until('it falls silent', () => fleet.events('fault.start').length >= 1);
      const late = client.watch('');
      // What was there and gone while it was silent was never seen; Check goes on.
      await until('a change', () => fleet.events('health').length >= 1);
      assert.equal((await client.check('chat.ChatService')).reply?.status, 'NOT_SERVING');
      assert.deepEqual([...running, late].map(statusesOf), [['SERVING'], ['SERVING'], []]);
      await until('it ends', () => late.messages.length === 1);
      await until('the change', () => running[1]?.messages.length === 2);
      assert.deepEqual([...running, late].map(statusesOf), [
        ['SERVING'],
        ['SERVING', 'NOT_SERVING'],
        ['SERVING'],
      ]);
      for (const { cancel } of [...running, late]) cancel();
    });

    test('error and unimplemented end what runs and what begins; then all is as before', async () => {
      const faults = [
        faultWindow(
          'health-watch',
          { does: 'error', code: 'INTERNAL', service: 'chat.ChatService' },
          { fromNs: 20 * MS, toNs: 3_600e9 },
        ),
        faultWindow('health-watch', { does: 'unimplemented', service: '' }, { toNs: 120 * MS }),
      ];
      await using fleet = await startTestFleet({ server, faults });
      using client = createChatClient(fleet.address);
      const running = [client.watch('chat.ChatService'), client.watch(''), client.watch('other')];
      await until('they watch', () => running.every(({ messages }) => messages.length === 1));
      beginNow(fleet);
      const [chat, whole] = running;
      const { code, details } = (await chat?.status) ?? assert.fail();
      assert.deepEqual([code, details], [INTERNAL, 'ended by health-watch']);
      assert.equal((await whole?.status)?.code, UNIMPLEMENTED);
      assert.equal((await client.watch('chat.ChatService').status).code, INTERNAL);
      assert.equal((await client.check('chat.ChatService')).reply?.status, 'SERVING');

      await until('its end', () => fleet.events('fault.end').length === 1);
      const again = client.watch('');
      await until('a message', () => again.messages.length === 1);
      assert.deepEqual(statusesOf(again), ['SERVING']);
      assert.deepEqual(statusesOf(running[2] ?? again), ['SERVICE_UNKNOWN'], 'not hit at all');
      again.cancel();
      running[2]?.cancel();
    });
  });
}
