/** Faults on the health that passes through a proxy: a real server's word, changed on its way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { faultWindow, startTestHost } from '../../test/support/fleet.js';
import { startTestProxy } from '../../test/support/proxy.js';
import { until } from '../../test/support/until.js';
import { SERVER_KINDS } from '../targets/spec.js';

const CHAT = 'chat.ChatService';
const SAY = `${CHAT}/Say`;
const INTERNAL = 13;

const statusesOf = ({ messages }: { messages: readonly { status: string }[] }) =>
  messages.map(({ status }) => status);

for (const server of SERVER_KINDS) {
  test(`health of a ${server} server through a proxy is what faults make of it`, async () => {
    await using fleet = await startTestHost({ server });
    using proxy = await startTestProxy(fleet.address);
    using client = createChatClient(proxy.address);
    const check = async (name: string) => (await client.check(name)).reply?.status;
    const [chat, say, nobody] = [client.watch(CHAT), client.watch(SAY), client.watch('nobody')];
    await until('they watch', () => [chat, say, nobody].every((one) => one.messages.length === 1));

    proxy.faults.add(faultWindow('health-set', { service: CHAT, status: 'NOT_SERVING' }));
    await until('they hear of it', () => chat.messages.length === 2 && say.messages.length === 2);
    assert.deepEqual([await check(CHAT), await check(SAY)], ['NOT_SERVING', 'NOT_SERVING']);
    assert.equal((await client.check('nobody')).code, 5, 'what nobody knows stays so');
    // The server itself has said nothing of the kind.
    using direct = createChatClient(fleet.address);
    assert.equal((await direct.check(CHAT)).reply?.status, 'SERVING');
    assert.equal((await client.say('hi')).code, 0, 'other calls are not its business');

    const silent = { id: 'silent' };
    proxy.faults.add(faultWindow('health-watch', { does: 'silent', service: CHAT }, silent));
    proxy.faults.remove('storm/health-set');
    await until('one that is not silent hears of it', () => say.messages.length === 3);
    const late = client.watch(CHAT);
    assert.equal(await check(CHAT), 'SERVING', 'Check goes on');
    assert.deepEqual([chat, late].map(statusesOf), [['SERVING', 'NOT_SERVING'], []]);
    proxy.faults.remove('silent');
    await until('silence is over', () => chat.messages.length === 3 && late.messages.length === 1);
    assert.deepEqual([chat, say, late, nobody].map(statusesOf), [
      ['SERVING', 'NOT_SERVING', 'SERVING'],
      ['SERVING', 'NOT_SERVING', 'SERVING'],
      ['SERVING'],
      ['SERVICE_UNKNOWN'],
    ]);

    proxy.faults.add(
      faultWindow('health-watch', { does: 'error', code: 'INTERNAL', service: CHAT }),
    );
    assert.equal((await chat.status).code, INTERNAL);
    assert.equal((await late.status).code, INTERNAL);
    assert.equal((await client.watch(CHAT).status).code, INTERNAL, 'who comes meets it, too');
    // The server's own word, whatever became of it on the way: two Checks, and each Watch's first.
    const { healthAnswers } = proxy.counters;
    assert.ok(healthAnswers.SERVING >= 4, `${healthAnswers.SERVING}`);
    assert.deepEqual([healthAnswers.NOT_SERVING, healthAnswers.SERVICE_UNKNOWN], [0, 1]);
    proxy.faults.clear();
    const again = client.watch(CHAT);
    await until('all is as before', () => again.messages.length === 1);
    for (const { cancel } of [say, nobody, again]) cancel();
  });
}
