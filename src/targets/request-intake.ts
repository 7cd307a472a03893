/**
 * What the client of a call on the wire server says, on its way to whom it is for:
 *
 *   octets ──► held back by a fault? ──► whole messages ──► reader paused? ──► call
 *
 * Octets are given back to the client's window when what they are was taken, so a client that is not
 * heard must stop somewhere.
 */
import { ReadingGate } from '../http2/reading-gate.js';
import type { Framed } from './framed.js';
import { RequestMessages } from './request-messages.js';
import type { CallStatus } from './wire-status.js';

/** The call that it is for. */
export interface Intaken {
  /** It hears nothing more. */
  readonly isOver: boolean;
  /** A whole message; valid during the call of this only. */
  message(framed: Framed): void;
  /**
   * The client says nothing more, and the call has got all that it said.
   * @param isCut a part of a message is left.
   */
  ended(isCut: boolean): void;
  /** What came are no messages. */
  fail(status: CallStatus): void;
  /** Gives octets back to the client's window. */
  consume(octets: number): void;
}

/** What came while a call is held back. */
interface Held {
  readonly pieces: Buffer[];
  isEnded: boolean;
}

export class RequestIntake {
  readonly #call: Intaken;
  readonly #messages: RequestMessages;
  #held: Held | undefined;
  /** Absent until its reading is paused for the first time. */
  #gate: ReadingGate | undefined;
  /** Its client's end came, behind messages that wait at the gate. */
  #isEndKept = false;

  /**
   * @param encoding what messages are compressed with, where they are.
   * @param bytesMax largest message in octets.
   */
  constructor(encoding: string | undefined, bytesMax: number, call: Intaken) {
    this.#call = call;
    this.#messages = new RequestMessages(encoding, bytesMax, (framed) => this.#message(framed));
  }

  /** Octets of the client's, which perhaps says nothing more after them. */
  data(bytes: Uint8Array, start: number, end: number, isLast: boolean): void {
    if (this.#held === undefined) {
      this.#take(bytes, start, end, isLast);
      return;
    }
    if (end > start) this.#held.pieces.push(Buffer.from(bytes.subarray(start, end)));
    this.#held.isEnded = isLast;
  }

  /** Keeps what comes, as it came, until `release`. */
  hold(): void {
    this.#held = { pieces: [], isEnded: false };
  }

  release(): void {
    const held = this.#held;
    this.#held = undefined;
    for (const piece of held?.pieces ?? []) this.#take(piece, 0, piece.length, false);
    if (held?.isEnded) this.#take(NO_BYTES, 0, 0, true);
  }

  /** Messages wait, and so does the client when the window is full. */
  pause(): void {
    this.#gate ??= new ReadingGate(
      (bytes, start, end) => this.#call.message({ bytes, start, end }),
      (octets) => this.#call.consume(octets),
    );
    this.#gate.pause();
  }

  resume(): void {
    if (this.#gate === undefined) return;
    this.#gate.resume();
    if (this.#isEndKept && !this.#gate.waits) this.#end();
  }

  #take(bytes: Uint8Array, start: number, end: number, isLast: boolean): void {
    if (this.#call.isOver) return;
    const gate = this.#gate;
    gate?.arrived(end - start);
    const failure = this.#messages.read(bytes, start, end, isLast);
    if (this.#call.isOver) return;
    if (failure !== undefined) {
      this.#call.fail(failure);
      return;
    }
    if (isLast) {
      if (this.#gate?.waits) this.#isEndKept = true;
      else this.#end();
    } else if (gate !== undefined) gate.settle();
    else this.#call.consume(end - start);
  }

  #message(framed: Framed): void {
    if (this.#gate === undefined) this.#call.message(framed);
    else this.#gate.take(framed.bytes, framed.start, framed.end, false);
  }

  #end(): void {
    this.#call.ended(this.#messages.isCut);
  }
}

const NO_BYTES = new Uint8Array(0);
