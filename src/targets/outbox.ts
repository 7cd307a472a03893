/**
 * What is on its way to one member of a room: written while its stream accepts writes, kept in a
 * bounded line while it does not. One slow receiver neither stops the others nor fills the memory.
 */
import { createFifo } from '../base/fifo.js';

/** What becomes of a receiver for whom no more may be kept. */
export const WHEN_FULL = ['drop-oldest', 'disconnect'] as const;

export interface OutboxPolicy {
  /** Messages kept for a receiver whose stream accepts none. */
  readonly messages: number;
  readonly whenFull: (typeof WHEN_FULL)[number];
}

export const OUTBOX_DEFAULT: OutboxPolicy = { messages: 1_000, whenFull: 'drop-oldest' };

/** Told of what becomes of messages. */
export interface OutboxCounter {
  /** The stream took one. */
  delivered(): void;
  /** One had to be kept: so many are now. */
  kept(count: number): void;
  dropped(): void;
  /** A receiver was too slow. */
  disconnected(): void;
}

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
}

export interface OutboxOptions<Message> {
  /** What a message must become to outlast the call that brought it. */
  readonly keep: (message: Message) => Message;
  readonly policy: OutboxPolicy;
  readonly counter: OutboxCounter;
  /** Ends the stream of a receiver that is too slow; nothing is written to it any more. */
  readonly disconnect: () => void;
  /** After so many messages it ends by itself; absent or 0: never. */
  readonly limit?: number;
  /** Called when the limit was reached, after the last message. */
  readonly onLimit?: () => void;
}

export function createOutbox<Message>(
  stream: OutboxStream<Message>,
  { keep, policy, counter, disconnect, limit = 0, onLimit = () => {} }: OutboxOptions<Message>,
): Outbox<Message> {
  const kept = createFifo<Message>();
  let blocked = false;
  let ended = false;
  let written = 0;

  const write = (message: Message) => {
    blocked = !stream.write(message);
    written++;
    counter.delivered();
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

  const makeRoom = () => {
    if (policy.whenFull === 'drop-oldest') {
      kept.shift();
      counter.dropped();
      return;
    }
    ended = true;
    while (kept.shift() !== undefined);
    counter.disconnected();
    disconnect();
  };

  return {
    send(message) {
      if (ended) return;
      if (!blocked) return write(message);
      if (kept.size >= policy.messages) makeRoom();
      if (ended) return;
      kept.push(keep(message));
      counter.kept(kept.size);
    },
    end() {
      flush(() => true);
      if (ended) return;
      ended = true;
      stream.end();
    },
  };
}
