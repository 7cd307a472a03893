/**
 * gRPC messages within the octets of a stream: a flag, a length, the message (the gRPC documentation,
 * doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message").
 *
 *   0            1                    5
 *   │ compressed │ length, big-endian │ message …
 */
import { readUint32, writeUint32 } from './frame.js';

/** Octets before each message. */
export const MESSAGE_PREFIX_BYTES = 5;

/** gRPC's usual limit for a message that is received, without its prefix. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

/** A message with its prefix, as it stands in DATA. */
export function framedMessage(message: Uint8Array, isCompressed = false): Uint8Array {
  const framed = new Uint8Array(MESSAGE_PREFIX_BYTES + message.length);
  putMessagePrefix(framed, 0, message.length, isCompressed);
  framed.set(message, MESSAGE_PREFIX_BYTES);
  return framed;
}

/** Writes a prefix at `at`. */
export function putMessagePrefix(
  bytes: Uint8Array,
  at: number,
  length: number,
  isCompressed: boolean,
): void {
  bytes[at] = isCompressed ? 1 : 0;
  writeUint32(bytes, at + 1, length);
}

/** Who is given the messages of a stream; `bytes[start, end)` is valid during the call only. */
export type OnMessage = (
  bytes: Uint8Array,
  start: number,
  end: number,
  isCompressed: boolean,
) => void;

/** What is wrong with a stream of messages; each is a failure of the call. */
export type MessageProblem = 'too-large' | 'bad-flag';

/**
 * Cuts the octets of one stream into messages. A message that is whole within one piece is given
 * from that piece, without a copy; otherwise it is collected, and never more of it than was sent.
 */
export class MessageReader {
  readonly #bytesMax: number;
  #held: Uint8Array = new Uint8Array(0);
  #heldLength = 0;

  /** @param bytesMax largest message, in octets without its prefix; gRPC's usual unless told. */
  constructor(bytesMax = MESSAGE_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** Octets of an incomplete message: above 0 at a stream's end, the stream was cut. */
  get heldBytes(): number {
    return this.#heldLength;
  }

  /** Reads a piece. @returns what is wrong with it: nothing may be read after that. */
  read(
    bytes: Uint8Array,
    start: number,
    end: number,
    onMessage: OnMessage,
  ): MessageProblem | undefined {
    let at = start;
    while (at < end) {
      if (this.#heldLength > 0) {
        at = this.#fill(bytes, at, end);
        const problem = this.#readHeld(onMessage);
        if (problem !== undefined) return problem;
        continue;
      }
      if (end - at < MESSAGE_PREFIX_BYTES) return this.#hold(bytes, at, end);
      const problem = this.#problemAt(bytes, at);
      if (problem !== undefined) return problem;
      const next = at + MESSAGE_PREFIX_BYTES + readUint32(bytes, at + 1);
      if (next > end) return this.#hold(bytes, at, end);
      onMessage(bytes, at + MESSAGE_PREFIX_BYTES, next, bytes[at] === 1);
      at = next;
    }
    return undefined;
  }

  #problemAt(bytes: Uint8Array, at: number): MessageProblem | undefined {
    if ((bytes[at] as number) > 1) return 'bad-flag';
    return readUint32(bytes, at + 1) > this.#bytesMax ? 'too-large' : undefined;
  }

  /** Octets of the held message with its prefix, as far as that is known. */
  #wanted(): number {
    if (this.#heldLength < MESSAGE_PREFIX_BYTES) return MESSAGE_PREFIX_BYTES;
    return MESSAGE_PREFIX_BYTES + readUint32(this.#held, 1);
  }

  #fill(bytes: Uint8Array, at: number, end: number): number {
    const next = Math.min(end, at + this.#wanted() - this.#heldLength);
    this.#append(bytes, at, next);
    return next;
  }

  #readHeld(onMessage: OnMessage): MessageProblem | undefined {
    if (this.#heldLength < MESSAGE_PREFIX_BYTES) return undefined;
    const problem = this.#problemAt(this.#held, 0);
    if (problem !== undefined || this.#heldLength < this.#wanted()) return problem;
    const length = this.#heldLength;
    const held = this.#held;
    this.#heldLength = 0;
    // A reader lives as long as its stream: a large message must not stay with it.
    this.#held = new Uint8Array(0);
    onMessage(held, MESSAGE_PREFIX_BYTES, length, held[0] === 1);
    return undefined;
  }

  #hold(bytes: Uint8Array, at: number, end: number): MessageProblem | undefined {
    if (end - at >= MESSAGE_PREFIX_BYTES) {
      const problem = this.#problemAt(bytes, at);
      if (problem !== undefined) return problem;
    }
    this.#append(bytes, at, end);
    return undefined;
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#heldLength + end - start;
    if (length > this.#held.length) {
      // Doubling, not the announced length: who announces much need not send it.
      const larger = new Uint8Array(Math.max(length, Math.min(length * 2, this.#bytesMax + 5), 64));
      larger.set(this.#held.subarray(0, this.#heldLength));
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(start, end), this.#heldLength);
    this.#heldLength = length;
  }
}
