/**
 * Where messages of a stream wait while its reader is paused: what comes from the stream goes in, what
 * the reader wants goes out, and the peer gets back the octets of that only.
 *
 *   piece ──arrived──► reader of messages ──take──┬─ open ───► handOn
 *                                                 └─ paused ─► kept ──resume──► handOn
 *   settle ──► consume(octets of what was handed on)
 *
 * So a peer whose reader is paused fills its window and is stopped by it. A client's stream and a
 * server's both stand on it; a stream whose reader is never paused has none.
 */
import { createFifo } from '../base/fifo.js';
import { ownOctets } from './copy-octets.js';
import type { OnMessage } from './grpc-message.js';

interface Kept {
  readonly octets: Uint8Array;
  readonly isCompressed: boolean;
}

export class ReadingGate {
  readonly #handOn: OnMessage;
  readonly #consume: (octets: number) => void;
  /** Octets of a message that are not in what it is taken as: its prefix, or none. */
  readonly #extraBytes: number;
  readonly #kept = createFifo<Kept>();
  #isPaused = false;
  #isHandingOn = false;
  /** Octets that came and are not given back; and those of messages that were handed on since. */
  #unconsumed = 0;
  #done = 0;

  /**
   * @param handOn the reader; a message is valid during the call only.
   * @param consume gives octets back to the peer; never more than came.
   */
  constructor(handOn: OnMessage, consume: (octets: number) => void, extraBytes = 0) {
    this.#handOn = handOn;
    this.#consume = consume;
    this.#extraBytes = extraBytes;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Messages are kept that the reader has not got yet. */
  get waits(): boolean {
    return this.#kept.size > 0;
  }

  /** So many octets came from the peer; what they are follows. */
  arrived(octets: number): void {
    this.#unconsumed += octets;
  }

  /** A message that came: for the reader, now or later. */
  take(bytes: Uint8Array, start: number, end: number, isCompressed: boolean): void {
    if (this.#isPaused || this.waits) {
      this.#kept.push({ octets: ownOctets(bytes, start, end), isCompressed });
      return;
    }
    this.#done += end - start + this.#extraBytes;
    this.#handOn(bytes, start, end, isCompressed);
  }

  /** What came has been taken: gives back what is done with. */
  settle(): void {
    // An open gate keeps nothing back, not even the beginning of a message: it may outgrow the window.
    const isOpen = !this.#isPaused && !this.waits;
    const octets = isOpen ? this.#unconsumed : Math.min(this.#done, this.#unconsumed);
    this.#done = 0;
    if (octets === 0) return;
    this.#unconsumed -= octets;
    this.#consume(octets);
  }

  /** Hands nothing on until `resume`; may be called from within the reader. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Hands on what is kept, at once and until it is paused again, and then what comes. */
  resume(): void {
    this.#isPaused = false;
    // From within the reader: whoever is handing on goes on.
    if (this.#isHandingOn) return;
    this.#isHandingOn = true;
    while (!this.#isPaused) {
      const next = this.#kept.shift();
      if (next === undefined) break;
      const { octets, isCompressed } = next;
      this.#done += octets.length + this.#extraBytes;
      this.#handOn(octets, 0, octets.length, isCompressed);
    }
    this.#isHandingOn = false;
    this.settle();
  }
}
