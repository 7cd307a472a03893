/**
 * What streams have to send and the peer's windows do not take yet: octets, and perhaps trailers
 * behind them. Octets are kept as they were given, not copied: the giver must not change them.
 */
import type { HeaderField } from './header-field.js';

/** The rest of one stream's sending. */
export interface Waiting {
  /** Octets in order; of the first one `offset` are sent. */
  readonly chunks: Uint8Array[];
  offset: number;
  /** Ends the stream after the last octet. */
  endStream: boolean;
  /** Ends the stream with these after the last octet. */
  trailers: readonly HeaderField[] | undefined;
}

export class SendQueue {
  readonly #waiting = new Map<number, Waiting>();
  /** Octets that wait, of all streams. */
  bytes = 0;

  /** What waits for a stream. */
  find(streamId: number): Waiting | undefined {
    // Nearly always nothing waits at all.
    return this.#waiting.size === 0 ? undefined : this.#waiting.get(streamId);
  }

  /** Queues octets of a stream behind those that wait. */
  add(streamId: number, chunk: Uint8Array, endStream: boolean): void {
    const waiting = this.#entry(streamId);
    waiting.chunks.push(chunk);
    waiting.endStream ||= endStream;
    this.bytes += chunk.length;
  }

  /** Queues the trailers of a stream. */
  addTrailers(streamId: number, trailers: readonly HeaderField[]): void {
    this.#entry(streamId).trailers = trailers;
  }

  /** So many octets of a stream's first chunk are sent. */
  sent(waiting: Waiting, octets: number): void {
    this.bytes -= octets;
    waiting.offset += octets;
    if (waiting.offset < (waiting.chunks[0]?.length ?? 0)) return;
    waiting.chunks.shift();
    waiting.offset = 0;
  }

  /** Forgets a stream. */
  remove(streamId: number): void {
    const waiting = this.find(streamId);
    if (waiting === undefined) return;
    for (const chunk of waiting.chunks) this.bytes -= chunk.length;
    this.bytes += waiting.offset;
    this.#waiting.delete(streamId);
  }

  #entry(streamId: number): Waiting {
    let waiting = this.#waiting.get(streamId);
    if (waiting === undefined) {
      waiting = { chunks: [], offset: 0, endStream: false, trailers: undefined };
      this.#waiting.set(streamId, waiting);
    }
    return waiting;
  }
}
