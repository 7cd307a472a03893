/** Pieces that are each due at a time and leave in order: none before one that came earlier. */
import { createFifo } from '../../base/fifo.js';
import type { StageClock } from './lane.js';
import type { Piece } from './piece.js';

interface Delayed {
  readonly piece: Piece;
  readonly dueNs: number;
}

export class DelayedPieces {
  readonly #clock: StageClock;
  readonly #pass: (piece: Piece) => void;
  readonly #pieces = createFifo<Delayed>();
  #lastDueNs = Number.NEGATIVE_INFINITY;
  #isWaiting = false;
  #cancel: () => void = () => {};

  constructor(clock: StageClock, pass: (piece: Piece) => void) {
    this.#clock = clock;
    this.#pass = pass;
  }

  /** Lets a piece leave at `dueNs`, or with the one before it where that is later. */
  add(piece: Piece, dueNs: number): void {
    this.#lastDueNs = Math.max(dueNs, this.#lastDueNs);
    this.#pieces.push({ piece, dueNs: this.#lastDueNs });
    if (!this.#isWaiting) this.#waitForFirst();
  }

  /** Lets all leave now. */
  release(): void {
    this.#cancel();
    this.#passUntil(Number.POSITIVE_INFINITY);
  }

  #waitForFirst(): void {
    const { first } = this.#pieces;
    this.#isWaiting = first !== undefined;
    if (first !== undefined) this.#cancel = this.#clock.callAt(first.dueNs, this.#passDue);
  }

  readonly #passDue = (): void => {
    this.#passUntil(this.#clock.now());
    this.#waitForFirst();
  };

  /** One by one: whoever takes a piece may let all others leave. */
  #passUntil(nowNs: number): void {
    for (let next = this.#pieces.first; next !== undefined && next.dueNs <= nowNs; ) {
      this.#pieces.shift();
      this.#pass(next.piece);
      next = this.#pieces.first;
    }
  }
}
