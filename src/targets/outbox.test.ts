import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createOutbox, OUTBOX_DEFAULT, type OutboxPolicy } from './outbox.js';

const OUTBOX_MESSAGES_MAX = OUTBOX_DEFAULT.messages;

/** Options of an outbox, and what it counted. */
function counted(policy: OutboxPolicy = OUTBOX_DEFAULT) {
  const counts = { delivered: 0, keptMax: 0, dropped: 0, disconnected: 0 };
  /** What is so now: kept messages and bytes, and whether the reader's stream is blocked. */
  const state = { messages: 0, bytes: 0, blocked: 0 };
  const options = {
    keep: (message: Buffer) => message,
    bytesOf: ({ length }: Buffer) => length,
    policy,
    counter: {
      delivered: () => void counts.delivered++,
      kept(count: number, bytes: number) {
        counts.keptMax = Math.max(counts.keptMax, count);
        assert.ok(bytes >= count, 'each has an octet at least');
      },
      holding(messages: number, bytes: number) {
        state.messages += messages;
        state.bytes += bytes;
      },
      dropped: () => void counts.dropped++,
      disconnected: () => void counts.disconnected++,
      readerBlocked: () => void state.blocked++,
      readerFreed: () => void state.blocked--,
    },
    disconnect: () => {},
  };
  return { counts, state, options };
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

test('what is kept, and whether its reader is blocked, is known at every moment', async () => {
  for (const ending of ['drain', 'end', 'close', 'disconnect'] as const) {
    const { stream, accept } = slowStream();
    const whenFull = ending === 'disconnect' ? 'disconnect' : 'drop-oldest';
    const { state, options } = counted({ messages: 2, whenFull });
    const outbox = createOutbox<Buffer>(stream, options);
    outbox.send(Buffer.from('a'));
    assert.deepEqual(state, { messages: 0, bytes: 0, blocked: 1 });
    for (const text of ['bb', 'ccc']) outbox.send(Buffer.from(text));
    assert.deepEqual(state, { messages: 2, bytes: 5, blocked: 1 });
    if (ending !== 'drain') {
      if (ending === 'disconnect') outbox.send(Buffer.from('d'));
      else outbox[ending]();
      outbox.close();
    } else {
      outbox.send(Buffer.from('dddd'));
      assert.deepEqual(state, { messages: 2, bytes: 7, blocked: 1 }, 'the oldest went');
      for (let i = 0; i < 3; i++) await accept();
    }
    assert.deepEqual(state, { messages: 0, bytes: 0, blocked: 0 }, ending);
  }
});

test('wait: nothing is dropped; it says when it is full, and when half of it is gone', async () => {
  const { stream, taken, accept } = slowStream();
  const { counts, options } = counted({ messages: 4, whenFull: 'wait' });
  const told: string[] = [];
  const outbox = createOutbox<Buffer>(stream, {
    ...options,
    onFull: () => told.push('full'),
    onRoom: () => {
      told.push('room');
      // Senders that waited go on at once, and what they say comes behind what is kept.
      outbox.send(Buffer.from('x'));
    },
  });
  for (const text of ['a', 'b', 'c', 'd']) outbox.send(Buffer.from(text));
  assert.deepEqual(told, []);
  outbox.send(Buffer.from('e'));
  assert.deepEqual(told, ['full'], 'four are kept');
  await accept();
  assert.deepEqual(told, ['full'], 'three are');
  await accept();
  assert.deepEqual(told, ['full', 'room']);
  for (let i = 0; i < 6; i++) await accept();
  assert.deepEqual(taken, ['a', 'b', 'c', 'd', 'e', 'x']);
  assert.deepEqual([counts.dropped, counts.keptMax], [0, 4]);
});

test('wait: a receiver that leaves while it is waited for frees the others, once', () => {
  const { stream } = slowStream();
  const told: string[] = [];
  const outbox = createOutbox<Buffer>(stream, {
    ...counted({ messages: 1, whenFull: 'wait' }).options,
    onFull: () => told.push('full'),
    onRoom: () => told.push('room'),
  });
  for (const text of ['a', 'b']) outbox.send(Buffer.from(text));
  outbox.close();
  outbox.close();
  assert.deepEqual(told, ['full', 'room']);
});
