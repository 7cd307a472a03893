/**
 * The requests of one call, in order: those that the current attempt has still to send, and, until the
 * call is committed, those before them, for an attempt that has to send them all again.
 *
 * Memory is bounded twice, by call and over all calls of an interceptor (`Room`): what goes beyond either
 * commits its call.
 */

/** How much may be kept. */
export class Room {
  readonly #callBytesMax: number;
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(callBytesMax: number, bytesMax: number) {
    this.#callBytesMax = callBytesMax;
    this.#bytesMax = bytesMax;
  }

  /** Takes room for `more` bytes of a call that has `held`. @returns false when there is not so much. */
  take(held: number, more: number): boolean {
    if (held + more > this.#callBytesMax || this.#bytes + more > this.#bytesMax) return false;
    this.#bytes += more;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Kept now, over all calls. */
  get bytes(): number {
    return this.#bytes;
  }
}

export interface KeptRequest {
  readonly message: Buffer;
  readonly flags: number | undefined;
  /** Tells the writer that it may go on; undefined once it was told. */
  written: ((error?: Error | null) => void) | undefined;
}

export class KeptRequests {
  readonly #room: Room;
  readonly #requests: KeptRequest[] = [];
  /** Number of the first that is still here. */
  #first = 0;
  #bytes = 0;
  #isKeeping = true;

  constructor(room: Room) {
    this.#room = room;
  }

  /** How many there were. */
  get count(): number {
    return this.#first + this.#requests.length;
  }

  /** @returns false when there is no room for another attempt any more. */
  add(request: KeptRequest): boolean {
    this.#requests.push(request);
    const { length } = request.message;
    if (this.#isKeeping && this.#room.take(this.#bytes, length)) this.#bytes += length;
    else this.#isKeeping = false;
    return this.#isKeeping;
  }

  /** @param index from 0; not one that was forgotten. */
  at(index: number): KeptRequest | undefined {
    return this.#requests[index - this.#first];
  }

  /** Nothing is sent again: what stands before `sent` can go, and so can whatever is sent later. */
  forget(sent: number): void {
    this.#isKeeping = false;
    this.#room.give(this.#bytes);
    this.#bytes = 0;
    this.#first += this.#requests.splice(0, sent - this.#first).length;
  }

  /** The call is over; writers that still wait are told to go on. */
  end(): void {
    const left = [...this.#requests];
    this.forget(this.count);
    for (const { written } of left) written?.();
  }
}
