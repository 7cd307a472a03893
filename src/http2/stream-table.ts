/**
 * The streams that are open or half closed, as rows of typed arrays.
 *
 * A stream has a **slot**: a small whole number that is its own while it lives and another's
 * afterwards. What a user keeps per stream can stand in arrays indexed by it, so that no object need
 * exist per stream. Stream ids find their slot in an open-addressed hash, a quarter full at most.
 * They are scattered over it (Fibonacci hashing): side by side, as they rise, they would form one long
 * run, which each removal would have to walk to its end.
 */

/** May still send to the peer. */
export const CAN_SEND = 1;
/** The peer may still send. */
export const CAN_RECEIVE = 2;
/** This end's (final) header block is sent: what follows is data or trailers. */
export const SENT_HEADERS = 4;
/** The peer's (final) header block is here. */
export const GOT_HEADERS = 8;
/** The peer opened it. */
export const IS_INCOMING = 16;
/** The peer said how long the body is: `bodyLeft` counts. */
export const HAS_LENGTH = 32;
/** Its owner gives octets back to the peer's window, whatever the connection does by itself. */
export const HOLDS_WINDOW = 64;

const SLOTS_FIRST = 64;
/** 2^32 divided by the golden ratio: consecutive multiples of it lie far apart. */
const SCATTER = 0x9e37_79b1;

export class StreamTable {
  /** Stream id by slot; 0 marks a free one. */
  ids = new Int32Array(SLOTS_FIRST);
  flags = new Uint8Array(SLOTS_FIRST);
  /** Octets that may still be sent; below 0 after a smaller initial window (RFC 9113 §6.9.2). */
  sendWindow = new Int32Array(SLOTS_FIRST);
  /** Octets that the peer may still send. */
  receiveWindow = new Int32Array(SLOTS_FIRST);
  /** Octets that were taken in but not given back to the peer yet. */
  unreturned = new Int32Array(SLOTS_FIRST);
  /** Octets of the body that are to come yet, where the peer said how many. */
  bodyLeft = new Float64Array(SLOTS_FIRST);
  /** How many streams there are. */
  count = 0;
  /** Free slots, the next one last, so that low slots are used first. */
  #free = new Int32Array(SLOTS_FIRST);
  #freeCount = 0;
  /** Slot + 1 by hash, four places a slot at most half full; 0 is empty. */
  #index = new Int32Array(0);
  #mask = 0;
  /** A hash's bits below the ones that make a place. */
  #shift = 0;
  /** Where the stream stands that was asked for last: a reply's frames come one after another. */
  #last = 0;

  constructor() {
    this.#addSlots(0);
  }

  /** How many slots there are: all are below it. It only grows. */
  get capacity(): number {
    return this.ids.length;
  }

  /** The slot of a stream, -1 when it is not here. */
  find(id: number): number {
    // No stream is 0, which marks what is free.
    if (this.ids[this.#last] === id && id !== 0) return this.#last;
    const mask = this.#mask;
    for (let place = this.#homeOf(id); ; place = (place + 1) & mask) {
      // `place` is masked, so it is inside.
      const slot = (this.#index[place] as number) - 1;
      if (slot < 0) return slot;
      if (this.ids[slot] !== id) continue;
      this.#last = slot;
      return slot;
    }
  }

  /** Takes a slot for a stream that is not here. */
  add(id: number, flags: number, sendWindow: number, receiveWindow: number): number {
    if (this.#freeCount === 0) this.#addSlots(this.capacity);
    const slot = this.#free[--this.#freeCount] as number;
    this.ids[slot] = id;
    this.flags[slot] = flags;
    this.sendWindow[slot] = sendWindow;
    this.receiveWindow[slot] = receiveWindow;
    this.unreturned[slot] = 0;
    this.#link(id, slot);
    this.#last = slot;
    this.count++;
    return slot;
  }

  /** Frees a stream's slot. */
  remove(slot: number): void {
    this.#unlink(this.ids[slot] as number);
    this.ids[slot] = 0;
    this.flags[slot] = 0;
    this.#free[this.#freeCount++] = slot;
    this.count--;
  }

  /** Calls `visit` for each stream that is here when its turn comes. */
  forEach(visit: (slot: number, id: number) => void): void {
    for (let slot = 0; slot < this.ids.length; slot++) {
      const id = this.ids[slot] as number;
      if (id !== 0) visit(slot, id);
    }
  }

  /** Where an id stands if nothing else stands there. */
  #homeOf(id: number): number {
    return Math.imul(id, SCATTER) >>> this.#shift;
  }

  #link(id: number, slot: number): void {
    let place = this.#homeOf(id);
    while (this.#index[place] !== 0) place = (place + 1) & this.#mask;
    this.#index[place] = slot + 1;
  }

  /** Empties an entry's place and moves up those that had to step over it. */
  #unlink(id: number): void {
    const index = this.#index;
    const mask = this.#mask;
    let place = this.#homeOf(id);
    while (this.ids[(index[place] as number) - 1] !== id) place = (place + 1) & mask;
    index[place] = 0;
    for (let next = (place + 1) & mask; index[next] !== 0; next = (next + 1) & mask) {
      const slot = (index[next] as number) - 1;
      const home = this.#homeOf(this.ids[slot] as number);
      // May move only if its home is not behind the hole on the way round.
      if (((next - home) & mask) >= ((next - place) & mask)) {
        index[place] = slot + 1;
        index[next] = 0;
        place = next;
      }
    }
  }

  #addSlots(used: number): void {
    const capacity = Math.max(used * 2, SLOTS_FIRST);
    if (used > 0) {
      this.ids = grown(this.ids, capacity);
      this.sendWindow = grown(this.sendWindow, capacity);
      this.receiveWindow = grown(this.receiveWindow, capacity);
      this.unreturned = grown(this.unreturned, capacity);
      const bodyLeft = new Float64Array(capacity);
      bodyLeft.set(this.bodyLeft);
      this.bodyLeft = bodyLeft;
      const flags = new Uint8Array(capacity);
      flags.set(this.flags);
      this.flags = flags;
      this.#free = new Int32Array(capacity);
    }
    for (let slot = capacity - 1; slot >= used; slot--) this.#free[this.#freeCount++] = slot;
    this.#index = new Int32Array(capacity * 4);
    this.#mask = capacity * 4 - 1;
    this.#shift = Math.clz32(this.#mask);
    this.forEach((slot, id) => {
      this.#link(id, slot);
    });
  }
}

function grown(from: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(from);
  return larger;
}
