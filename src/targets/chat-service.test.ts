import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, startTestFleet, type TestFleet } from '../../test/support/fleet.js';
import { openListener, openRaw } from '../../test/support/raw-call.js';
import { until } from '../../test/support/until.js';
import { SERVER_KINDS } from './spec.js';

for (const server of SERVER_KINDS) {
  describe(`on ${server}`, () => {
    describe('the chat, served by a process of its own', () => {
      let fleet: TestFleet;
      let client: ReturnType<typeof createChatClient>;
      before(async () => {
        fleet = await startTestFleet({ server });
        client = createChatClient(fleet.address);
      });
      after(async () => {
        client.close();
        await fleet[Symbol.asyncDispose]();
      });

      /** Joining is not confirmed by the protocol, so it is asked how many hear a probe. */
      const joined = (room: string, members: number) =>
        until(`${members} members in ${room}`, async () => {
          const { reply } = await client.say('probe', { room });
          return reply?.delivered === members;
        });
      const heard = (messages: readonly { content: string }[]) =>
        messages.map(({ content }) => content).filter((content) => content !== 'probe');

      test('Chat: what one says, every other in the room hears, and nobody outside', async () => {
        const [ann, bob, cy] = [1, 2, 3].map(() => client.chat({ room: 'one' }));
        const outsider = client.chat({ room: 'two' });
        const inLobby = client.chat();
        await joined('one', 3);
        await joined('two', 1);
        await joined('lobby', 1);
        ann?.say('from ann');
        bob?.say('from bob');
        await until('cy hears both', () => heard(cy?.messages ?? []).length === 2);
        await until('ann hears bob', () => heard(ann?.messages ?? []).length === 1);
        await until('bob hears ann', () => heard(bob?.messages ?? []).length === 1);
        assert.deepEqual(heard(ann?.messages ?? []), ['from bob'], 'not its own words');
        assert.deepEqual(heard(bob?.messages ?? []), ['from ann']);
        assert.deepEqual(heard(outsider.messages), []);
        assert.deepEqual(heard(inLobby.messages), []);
        assert.deepEqual(ann?.messages.at(-1), { user: 'test', content: 'from bob', timestamp: 1 });

        ann?.end();
        assert.equal((await ann?.status)?.code, 0, 'who says goodbye gets OK');
        bob?.cancel();
        await joined('one', 1);
        for (const stream of [cy, outsider, inLobby]) stream?.cancel();
        await joined('two', 0);
        await joined('lobby', 0);
      });

      test('Say: is handed to the members of the room, and says to how many', async () => {
        const alone = await client.say('hello?', { room: 'say' });
        assert.deepEqual([alone.code, alone.reply], [0, { delivered: 0 }]);
        const ann = client.chat({ room: 'say' });
        const bob = client.listen(0, { room: 'say' });
        await joined('say', 2);
        const { reply } = await client.say('hello', { room: 'say' });
        assert.deepEqual(reply, { delivered: 2 });
        await until('both hear it', () =>
          [ann, bob].every(({ messages }) => heard(messages).length === 1),
        );
        ann.cancel();
        bob.cancel();
      });

      test('Listen: ends by itself after its limit, and has left the room by then', async () => {
        const listener = client.listen(3, { room: 'listen' });
        await until('it listens', async () => {
          const { reply } = await client.say('x', { room: 'listen' });
          return reply?.delivered === 1;
        });
        // One was heard; two are missing, and two more are said.
        for (let i = 0; i < 4; i++) await client.say('x', { room: 'listen' });
        assert.equal((await listener.status).code, 0);
        assert.equal(listener.messages.length, 3);
        assert.deepEqual((await client.say('x', { room: 'listen' })).reply, { delivered: 0 });
      });

      test('SayAll: says each as it comes, and sums up at the end', async () => {
        const listeners = [1, 2].map(() => client.listen(0, { room: 'all' }));
        await joined('all', 2);
        const { code, reply } = await client.sayAll(['a', 'b', 'c'], { room: 'all' });
        assert.deepEqual([code, reply], [0, { said: 3, delivered: 6 }]);
        for (const { messages, cancel } of listeners) {
          await until('all is heard', () => heard(messages).length === 3);
          assert.deepEqual(heard(messages), ['a', 'b', 'c']);
          cancel();
        }
      });

      test('messages are counted as they are taken in and handed on', async () => {
        await using counted = await startTestFleet({ server, intervalNs: 20e6 });
        using other = createChatClient(counted.address);
        beginNow(counted);
        const listener = other.listen(0);
        let probes = 0;
        await until('it listens', async () => {
          probes++;
          return (await other.say('probe')).reply?.delivered === 1;
        });
        await other.sayAll(['a', 'b']);
        await until('it heard them', () => listener.messages.length === 3);
        listener.cancel();
        await until('its leave is counted', () => counted.totals().cancelled === 1);
        await counted.stop();
        const { messagesReceived, messagesDelivered, answeredByCode, cancelled } = counted.totals();
        // The probes and two more came in; the last probe and the two were handed to one member.
        assert.deepEqual([messagesReceived, messagesDelivered], [probes + 2, 3]);
        assert.deepEqual(answeredByCode, { OK: probes + 1 });
        assert.equal(cancelled, 1, 'the listener, which left without a status');
      });
    });
  });
}

test('grpc-js: a listener that stops reading leaves the room, where its server says so', async () => {
  const outbox = { messages: 50, whenFull: 'disconnect' } as const;
  await using fleet = await startTestFleet({ specs: [{ name: 'b0', port: 0, outbox }] });
  beginNow(fleet);
  using client = createChatClient(fleet.address);
  using session = openRaw(fleet.address);
  const listener = openListener(session);
  let status: unknown;
  listener.on('trailers', (trailers) => {
    status = trailers['grpc-status'];
  });
  await until('it listens', async () => (await client.say('x')).reply?.delivered === 1);
  const contents = Array.from({ length: 2_000 }, () => 'x'.repeat(500));
  assert.equal((await client.sayAll(contents)).code, 0);
  await until('an empty room', async () => (await client.say('x')).reply?.delivered === 0);
  // Behind what the stream's buffers held.
  await until('its status', () => status !== undefined);
  assert.equal(Number(status), 8);
  await fleet.stop();
  assert.deepEqual([fleet.totals().readersDisconnected, fleet.totals().messagesDropped], [1, 0]);
});
