/** Pieces that are each due at a time and leave in order: none before one that came earlier. */
import type { StageClock } from './lane.js';
import type { Piece } from './piece.js';

interface Delayed {
  readonly piece: Piece;
  readonly dueNs: number;
}

export class DelayedPieces {
  readonly #clock: StageClock;
  readonly #pass: (piece: Piece) => void;
  #pieces: Delayed[] = [];
  #lastDueNs = 0;
  #cancel: () => void = () => {};

  constructor(clock: StageClock, pass: (piece: Piece) => void) {
    this.#clock = clock;
    this.#pass = pass;
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Lets a piece leave at `dueNs`, or with the one before it where that is later. */
  add(piece: Piece, dueNs: number): void {
    this.#lastDueNs = this.isEmpty ? dueNs : Math.max(dueNs, this.#lastDueNs);
    this.#pieces.push({ piece, dueNs: this.#lastDueNs });
    if (this.#pieces.length === 1) this.#arm();
  }

  /** Lets all leave now. */
  release(): void {
    this.#cancel();
    for (const { piece } of this.#pieces.splice(0)) this.#pass(piece);
  }

  #arm(): void {
    this.#cancel();
    const [first] = this.#pieces;
    if (first !== undefined) this.#cancel = this.#clock.callAt(first.dueNs, this.#passDue);
  }

  readonly #passDue = (): void => {
    const nowNs = this.#clock.now();
    // One by one: whoever takes a piece may let all others leave.
    while ((this.#pieces[0]?.dueNs ?? Number.POSITIVE_INFINITY) <= nowNs) {
      const next = this.#pieces.shift();
      if (next !== undefined) this.#pass(next.piece);
    }
    this.#arm();
  };
}
