/**
 * What is on its way to one member of a room: written while its stream accepts writes, kept in a
 * bounded line while it does not. What becomes of a line that is full is the scenario's choice:
 *
 *   drop-oldest   its oldest message goes: nobody waits, the slow reader misses some
 *   disconnect    the slow reader goes
 *   wait          the senders of the room wait until half of it is gone (`room-brake.ts`): nothing is
 *                 lost, and one slow reader stops all of its room, on purpose
 */
import { createFifo } from '../base/fifo.js';

/** What becomes of a receiver for whom no more may be kept. */
export const WHEN_FULL = ['drop-oldest', 'disconnect', 'wait'] as const;

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
  /** One had to be kept: so many are now for its reader, and so many bytes. */
  kept(count: number, bytes: number): void;
  /** So many more are kept for all readers together; fewer when below 0. */
  holding(messages: number, bytes: number): void;
  dropped(): void;
  /** A receiver was too slow. */
  disconnected(): void;
  /** A reader's stream accepts nothing from now on; and again, or is over. */
  readerBlocked(): void;
  readerFreed(): void;
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
  /** The receiver is gone: what is kept for it is forgotten. Harmless at any time. */
  close(): void;
}

export interface OutboxOptions<Message> {
  /** What a message must become to outlast the call that brought it. */
  readonly keep: (message: Message) => Message;
  readonly bytesOf: (message: Message) => number;
  readonly policy: OutboxPolicy;
  readonly counter: OutboxCounter;
  /** Ends the stream of a receiver that is too slow; nothing is written to it any more. */
  readonly disconnect: () => void;
  /** Policy `wait`: it is full, and has room again. In turn; the second never within `send`. */
  readonly onFull?: () => void;
  readonly onRoom?: () => void;
  /** After so many messages it ends by itself; absent or 0: never. */
  readonly limit?: number;
  /** Called when the limit was reached, after the last message. */
  readonly onLimit?: () => void;
}

export function createOutbox<Message>(
  stream: OutboxStream<Message>,
  options: OutboxOptions<Message>,
): Outbox<Message> {
  return new BoundedOutbox(stream, options);
}

class BoundedOutbox<Message> implements Outbox<Message> {
  readonly #stream: OutboxStream<Message>;
  readonly #options: OutboxOptions<Message>;
  readonly #limit: number;
  readonly #kept = createFifo<Message>();
  #keptBytes = 0;
  #isBlocked = false;
  /** Senders wait for it. */
  #isFull = false;
  #isOver = false;
  #written = 0;

  constructor(stream: OutboxStream<Message>, options: OutboxOptions<Message>) {
    this.#stream = stream;
    this.#options = options;
    this.#limit = options.limit ?? 0;
    stream.on('drain', () => this.#drained());
  }

  send(message: Message): void {
    if (this.#isOver) return;
    if (!this.#isBlocked) {
      this.#write(message);
      return;
    }
    const { keep, bytesOf, policy, counter, onFull } = this.#options;
    if (this.#kept.size >= policy.messages) this.#overflow();
    if (this.#isOver) return;
    const bytes = bytesOf(message);
    this.#kept.push(keep(message));
    this.#keptBytes += bytes;
    counter.kept(this.#kept.size, this.#keptBytes);
    counter.holding(1, bytes);
    if (policy.whenFull !== 'wait' || this.#isFull || this.#kept.size < policy.messages) return;
    this.#isFull = true;
    onFull?.();
  }

  end(): void {
    while (!this.#isOver) {
      const message = this.#takeKept();
      if (message === undefined) break;
      this.#write(message);
    }
    if (this.#isOver) return;
    this.#stream.end();
    this.close();
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { counter, onRoom } = this.#options;
    if (this.#kept.size > 0) counter.holding(-this.#kept.size, -this.#keptBytes);
    while (this.#kept.shift() !== undefined);
    if (this.#isBlocked) counter.readerFreed();
    if (this.#isFull) onRoom?.();
  }

  #write(message: Message): void {
    const { counter, onLimit } = this.#options;
    if (!this.#stream.write(message) && !this.#isBlocked) {
      this.#isBlocked = true;
      counter.readerBlocked();
    }
    this.#written++;
    counter.delivered();
    if (this.#written !== this.#limit) return;
    this.#stream.end();
    this.close();
    onLimit?.();
  }

  #takeKept(): Message | undefined {
    const message = this.#kept.shift();
    if (message === undefined) return undefined;
    const bytes = this.#options.bytesOf(message);
    this.#keptBytes -= bytes;
    this.#options.counter.holding(-1, -bytes);
    return message;
  }

  #drained(): void {
    if (this.#isOver) return;
    if (this.#isBlocked) this.#options.counter.readerFreed();
    this.#isBlocked = false;
    while (!this.#isBlocked && !this.#isOver) {
      const message = this.#takeKept();
      if (message === undefined) break;
      this.#write(message);
    }
    // Last of all: senders that go on may send from within.
    if (!this.#isFull || this.#isOver || this.#kept.size > this.#options.policy.messages >> 1)
      return;
    this.#isFull = false;
    this.#options.onRoom?.();
  }

  #overflow(): void {
    const { policy, counter, disconnect } = this.#options;
    // Senders that wait say nothing; what still comes is kept rather than lost.
    if (policy.whenFull === 'wait') return;
    if (policy.whenFull === 'drop-oldest') {
      this.#takeKept();
      counter.dropped();
      return;
    }
    this.close();
    counter.disconnected();
    disconnect();
  }
}
