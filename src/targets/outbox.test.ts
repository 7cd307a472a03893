import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createOutbox, OUTBOX_DEFAULT, type OutboxPolicy } from './outbox.js';

const OUTBOX_MESSAGES_MAX = OUTBOX_DEFAULT.messages;

/** Options of an outbox, and what it counted. */
function counted(policy: OutboxPolicy = OUTBOX_DEFAULT) {
  const counts = { delivered: 0, keptMax: 0, dropped: 0, disconnected: 0 };
  const options = {
    keep: (message: Buffer) => message,
    policy,
    counter: {
      delivered: () => void counts.delivered++,
      kept(count: number) {
        counts.keptMax = Math.max(counts.keptMax, count);
      },
      dropped: () => void counts.dropped++,
      disconnected: () => void counts.disconnected++,
    },
    disconnect: () => {},
  };
  return { counts, options };
}

/** A stream that takes a message into its hands only when told to, one at a time. */
function slowStream() {
  const taken: string[] = [];
  let pending: (() => void) | undefined;
  const stream = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(message, _encoding, done) {
      taken.push(String(message));
      pending = done;
    },
  });
  const accept = async () => {
    const done = pending;
    pending = undefined;
    done?.();
    await new Promise(setImmediate);
  };
  return { stream, taken, accept };
}

test('messages wait while the stream accepts none, and go out in order when it does', async () => {
  const { stream, taken, accept } = slowStream();
  const { counts, options } = counted();
  const outbox = createOutbox<Buffer>(stream, options);
  for (const text of ['a', 'b', 'c']) outbox.send(Buffer.from(text));
  assert.equal(counts.delivered, 1, 'the first fills the stream');
  for (let i = 0; i < 3; i++) await accept();
  assert.deepEqual(taken, ['a', 'b', 'c']);
  assert.equal(counts.delivered, 3);
  assert.deepEqual([counts.dropped, counts.keptMax], [0, 2]);
});

test('beyond its bound the oldest are dropped and counted', async () => {
  const { stream, taken, accept } = slowStream();
  const { counts, options } = counted();
  const outbox = createOutbox<Buffer>(stream, options);
  const sent = 1 + OUTBOX_MESSAGES_MAX + 5;
  for (let i = 0; i < sent; i++) outbox.send(Buffer.from(String(i)));
  assert.deepEqual([counts.dropped, counts.keptMax], [5, OUTBOX_MESSAGES_MAX]);
  for (let i = 0; i < sent; i++) await accept();
  // Message 0 was in the stream's hands; 1 to 5 were the oldest that waited.
  assert.equal(taken.length, 1 + OUTBOX_MESSAGES_MAX);
  assert.deepEqual(taken.slice(0, 3), ['0', '6', '7']);
});

test('its end is the end of the stream, after all that waited', async () => {
  const { stream, taken, accept } = slowStream();
  const outbox = createOutbox<Buffer>(stream, counted().options);
  outbox.send(Buffer.from('a'));
  outbox.send(Buffer.from('b'));
  outbox.end();
  outbox.end();
  outbox.send(Buffer.from('late'));
  const finished = new Promise((resolve) => stream.on('finish', resolve));
  for (let i = 0; i < 3; i++) await accept();
  await finished;
  assert.deepEqual(taken, ['a', 'b']);
});

test('with a limit it ends by itself after so many messages', async () => {
  const { stream, taken, accept } = slowStream();
  let reached = 0;
  const outbox = createOutbox<Buffer>(stream, {
    ...counted().options,
    limit: 2,
    onLimit: () => reached++,
  });
  const finished = new Promise((resolve) => stream.on('finish', resolve));
  for (const text of ['a', 'b', 'c', 'd']) outbox.send(Buffer.from(text));
  for (let i = 0; i < 3; i++) await accept();
  await finished;
  assert.deepEqual(taken, ['a', 'b']);
  assert.equal(reached, 1);
});

test('a reader that is too slow is disconnected once, and hears nothing more', async () => {
  const { stream, taken, accept } = slowStream();
  const { counts, options } = counted({ messages: 2, whenFull: 'disconnect' });
  let ends = 0;
  const outbox = createOutbox<Buffer>(stream, { ...options, disconnect: () => void ends++ });
  for (const text of ['a', 'b', 'c', 'd', 'e']) outbox.send(Buffer.from(text));
  for (let i = 0; i < 3; i++) await accept();
  // "a" fills the stream, two wait, the fourth is one too many.
  assert.equal(ends, 1);
  assert.deepEqual(counts, { delivered: 1, keptMax: 2, dropped: 0, disconnected: 1 });
  assert.deepEqual(taken, ['a']);
});
