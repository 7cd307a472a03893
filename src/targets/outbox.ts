/**
 * What is on its way to one member of a room: written while its stream accepts writes, kept in a
 * bounded line while it does not. One slow receiver neither stops the others nor fills the memory.
 */
import { createFifo } from './fifo.js';

/** Messages kept for a receiver whose stream accepts none; beyond it the oldest is dropped. */
export const OUTBOX_MESSAGES_MAX = 1_000;

/** Where messages go: a stream of one receiver. */
export interface OutboxStream<Message> {
  /** Takes a message, always; false when it would rather have no more until `drain`. */
  write(message: Message): boolean;
  /** After the last message. */
  end(): unknown;
  on(event: 'drain', heard: () => void): unknown;
}

export interface Outbox<Message> {
  send(message: Message): void;
  /** Hands what is kept to the stream and ends it. */
  end(): void;
  /** Messages dropped so far. */
  readonly dropped: number;
}

export interface OutboxOptions<Message> {
  /** What a message must become to outlast the call that brought it. */
  readonly keep: (message: Message) => Message;
  /** Called for each message that the stream took. */
  readonly onWritten: () => void;
  /** After so many messages it ends by itself; absent or 0: never. */
  readonly limit?: number;
  /** Called when the limit was reached, after the last message. */
  readonly onLimit?: () => void;
}

export function createOutbox<Message>(
  stream: OutboxStream<Message>,
  { keep, onWritten, limit = 0, onLimit = () => {} }: OutboxOptions<Message>,
): Outbox<Message> {
  const kept = createFifo<Message>();
  let blocked = false;
  let ended = false;
  let written = 0;
  let dropped = 0;

  const write = (message: Message) => {
    blocked = !stream.write(message);
    written++;
    onWritten();
    if (written !== limit) return;
    ended = true;
    stream.end();
    onLimit();
  };
  /** Writes what is kept, in order, while `wanted` holds. */
  const flush = (wanted: () => boolean) => {
    while (!ended && wanted()) {
      const message = kept.shift();
      if (message === undefined) return;
      write(message);
    }
  };
  stream.on('drain', () => {
    blocked = false;
    flush(() => !blocked);
  });

  return {
    get dropped() {
      return dropped;
    },
    send(message) {
      if (ended) return;
      if (!blocked) return write(message);
      kept.push(keep(message));
      if (kept.size > OUTBOX_MESSAGES_MAX) {
        kept.shift();
        dropped++;
      }
    },
    end() {
      flush(() => true);
      if (ended) return;
      ended = true;
      stream.end();
    },
  };
}
