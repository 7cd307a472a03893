/**
 * `health-watch` as real clients meet it, on both kinds of server: those that watch when it begins,
 * and those that come while it lasts. Each of its ways has a name of its own to act on.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, faultWindow, startTestHost } from '../../test/support/fleet.js';
import { until } from '../../test/support/until.js';
import { SERVER_KINDS } from './spec.js';

const MS = 1e6;
const INTERNAL = 13;
const UNIMPLEMENTED = 12;

const WHOLE = '';
const CHAT = 'chat.ChatService';
const SAY = `${CHAT}/Say`;
const LISTEN = `${CHAT}/Listen`;

const silent = (service: string) =>
  faultWindow('health-watch', { does: 'silent', service }, { toNs: 400 * MS });
const set = (service: string, untilMs: number) =>
  faultWindow(
    'health-set',
    { service, status: 'NOT_SERVING' },
    { fromNs: 50 * MS, toNs: untilMs * MS },
  );
const FAULTS = [
  silent(SAY),
  silent(LISTEN),
  // Comes and goes within the silence; and one that stays beyond it.
  set(SAY, 100),
  set(LISTEN, 3_600_000),
  faultWindow('health-watch', { does: 'error', code: 'INTERNAL', service: CHAT }),
  faultWindow('health-watch', { does: 'unimplemented', service: WHOLE }, { toNs: 120 * MS }),
];

const statusesOf = ({ messages }: { messages: readonly { status: string }[] }) =>
  messages.map(({ status }) => status);

for (const server of SERVER_KINDS) {
  test(`on ${server} it hits what runs and what begins, and then all is as before`, async () => {
    await using fleet = await startTestHost({ server, faults: FAULTS });
    using client = createChatClient(fleet.address);
    const [say, listen, chat, whole, nobody] = [
      client.watch(SAY),
      client.watch(LISTEN),
      client.watch(CHAT),
      client.watch(WHOLE),
      client.watch('nobody'),
    ];
    await until('they watch', () =>
      [say, listen, chat, whole, nobody].every(({ messages }) => messages.length === 1),
    );
    beginNow(fleet);
    const { code, details } = await chat.status;
    assert.deepEqual([code, details], [INTERNAL, 'ended by health-watch']);
    assert.equal((await whole.status).code, UNIMPLEMENTED);
    assert.equal((await client.watch(CHAT).status).code, INTERNAL);
    assert.equal((await client.check(CHAT)).reply?.status, 'SERVING', 'Check goes on');

    const late = client.watch(SAY);
    await until('what stays', () => fleet.events('health').length >= 2);
    assert.equal((await client.check(LISTEN)).reply?.status, 'NOT_SERVING');
    assert.deepEqual([say, listen, late].map(statusesOf), [['SERVING'], ['SERVING'], []]);
    // The end of the silence tells what stands, and only where it is another.
    await until('its end', () => late.messages.length === 1 && listen.messages.length === 2);
    assert.deepEqual([say, listen, late].map(statusesOf), [
      ['SERVING'],
      ['SERVING', 'NOT_SERVING'],
      ['SERVING'],
    ]);

    await until('the other end', () => fleet.events('fault.end').length >= 4);
    const again = client.watch(WHOLE);
    await until('a message', () => again.messages.length === 1);
    assert.deepEqual([again, nobody].map(statusesOf), [['SERVING'], ['SERVICE_UNKNOWN']]);
    for (const { cancel } of [say, listen, late, again, nobody]) cancel();
  });
}
