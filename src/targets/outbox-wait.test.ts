/**
 * `whenFull: wait` on both servers: a reader that does not read stops those who speak in its room, by
 * flow control, and nothing is lost; rooms beside it go on.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, startTestHost } from '../../test/support/fleet.js';
import { openListener, openRaw } from '../../test/support/raw-call.js';
import { until } from '../../test/support/until.js';
import { SERVER_KINDS } from './spec.js';

const MESSAGES = 600;
const BOUND = 20;

for (const server of SERVER_KINDS) {
  test(`${server}: senders wait for a reader, and all that they say arrives`, async () => {
    const outbox = { messages: BOUND, whenFull: 'wait' } as const;
    await using fleet = await startTestHost({ server, specs: [{ name: 'b0', port: 0, outbox }] });
    beginNow(fleet);
    using client = createChatClient(fleet.address);
    using session = openRaw(fleet.address);
    const listener = openListener(session);
    await until('it listens', async () => (await client.say('x')).reply?.delivered === 1);

    const contents = Array.from({ length: MESSAGES }, (_, at) => `<${at}>${'x'.repeat(1_000)}`);
    let isSaid = false;
    const saying = client.sayAll(contents).finally(() => {
      isSaid = true;
    });
    // A Say of the same room waits as well, once the room stands; before, it is said.
    let waiting: ReturnType<typeof client.say> | undefined;
    await until('the room to stand', async () => {
      const said = client.say('late');
      const first = await Promise.race([said, client.say('elsewhere', { room: 'two' })]);
      if (first.reply?.delivered === 0) waiting = said;
      return waiting !== undefined;
    });
    for (let i = 0; i < 20; i++) {
      assert.equal((await client.say('elsewhere', { room: 'two' })).code, 0);
    }
    assert.equal(isSaid, false, 'who speaks to a reader that does not read waits');

    let text = '';
    listener.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
    });
    const { code, reply } = await saying;
    assert.deepEqual([code, reply], [0, { said: MESSAGES, delivered: MESSAGES }]);
    assert.deepEqual((await waiting)?.reply, { delivered: 1 });
    await until('the last', () => text.includes(`<${MESSAGES - 1}>`));
    const heard = [...text.matchAll(/<(\d+)>/g)].map(([, at]) => Number(at));
    assert.deepEqual(heard, [...contents.keys()]);
    listener.close();

    await fleet.stop();
    const counts = fleet.lines.flatMap((line) => (line.type === 'target' ? [line.counts] : []));
    const sum = (of: (one: (typeof counts)[number]) => number | undefined) =>
      counts.reduce((total, one) => total + (of(one) ?? 0), 0);
    assert.equal(
      sum(({ messagesDropped }) => messagesDropped),
      0,
    );
    assert.ok(sum(({ sendersStopped }) => sendersStopped) >= 2, 'the stream, and the Say');
    assert.ok(sum(({ sendersStoppedNs }) => sendersStoppedNs) > 0);
    assert.ok(sum(({ readersBlockedNs }) => readersBlockedNs) > 0);
    // Only our own server knows its windows; what is not known is absent.
    const isKnown = counts.every(({ windows }) => (windows !== undefined) === (server === 'wire'));
    assert.ok(isKnown);
    if (server === 'wire') assert.ok(sum(({ windows }) => windows?.streamsStopped) > 0);
    const most = Math.max(...counts.map(({ outboxMessagesMax = 0 }) => outboxMessagesMax));
    // One Say that came in before the room stood may be said when it goes on, beside the stream.
    assert.ok(most >= BOUND && most <= BOUND + 1, `${most} were kept`);
  });
}
