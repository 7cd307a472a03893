/**
 * One direction of a connection while something is done to it.
 *
 *   push ──► stage ──► stage ──► … ──► (shut? waits) ──► exit
 *
 * A stage is one fault's work: it takes pieces and passes them on, later, smaller or not at all. Stages
 * come and go while pieces are on their way; one that goes passes on what it holds, at once and in order.
 */
import type { NowNs } from '../../base/clock.js';
import { createFifo } from '../../base/fifo.js';
import type { Octets, Piece } from './piece.js';

/** The time as stages have it. */
export interface StageClock {
  readonly now: NowNs;
  /** Calls `fire` once, at `dueNs` or a little later; returns a cancel. */
  callAt(dueNs: number, fire: () => void): () => void;
}

/** What a stage may do to its lane. */
export interface StagePort {
  /** Hands a piece to the next stage. Pieces leave a stage in the order in which they came. */
  pass(piece: Piece): void;
  /** Throws octets away. */
  drop(octets: Octets): void;
}

export interface Stage {
  take(piece: Piece): void;
  /** Its fault is over: passes on whatever it holds. Called once; it takes and passes nothing after. */
  release(): void;
}

interface Placed {
  readonly rank: number;
  readonly stage: Stage;
}

export class Lane {
  readonly #exit: (piece: Piece) => void;
  #stages: readonly Placed[] = [];
  /** Pieces that are through all stages while it is shut. */
  readonly #waiting = createFifo<Piece>();
  #isShut = false;
  #isEnded = false;
  #isDead = false;
  #isDiscarded = false;
  #heldBytes = 0;

  /** @param exit takes what is through. */
  constructor(exit: (piece: Piece) => void) {
    this.#exit = exit;
  }

  /** Octets in it. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** It does nothing and holds nothing: pieces may as well go past it. */
  get isIdle(): boolean {
    const isEmpty = this.#stages.length === 0 && this.#waiting.size === 0;
    return isEmpty && !this.#isEnded && !this.#isDead && !this.#isShut;
  }

  /** Puts a piece in. Octets after the end are thrown away. */
  push(piece: Piece): void {
    if (piece.kind === 'octets') {
      if (this.#isEnded || this.#isDead || this.#isDiscarded) {
        piece.done();
        return;
      }
      this.#heldBytes += piece.bytes.length;
    } else if (piece.kind === 'end') {
      if (this.#isEnded) return;
      this.#isEnded = true;
    }
    this.#passFrom(0, piece);
  }

  /**
   * Puts a stage in, for what comes from now on and what is in stages before it.
   * @param rank stages are passed in the order of their ranks, those of one rank in the order of adding.
   * @returns takes it out; calling that twice does nothing.
   */
  add(rank: number, make: (port: StagePort) => Stage): () => void {
    const port: StagePort = {
      pass: (piece) => this.#passFrom(this.#after(placed), piece),
      drop: (octets) => this.#drop(octets),
    };
    const placed: Placed = { rank, stage: make(port) };
    this.#stages = [...this.#stages, placed].sort((a, b) => a.rank - b.rank);
    return () => this.#remove(placed);
  }

  /** Lets nothing out until `open`. */
  shut(): void {
    this.#isShut = true;
  }

  open(): void {
    this.#isShut = false;
    while (!this.#isShut) {
      const piece = this.#waiting.shift();
      if (piece === undefined) return;
      this.#deliver(piece);
    }
  }

  /** Carries no octets any more; ends and closes still pass. */
  kill(): void {
    this.#isDead = true;
  }

  /** Throws away what is in it and whatever comes. */
  discard(): void {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    for (const placed of this.#stages) this.#remove(placed);
    this.open();
  }

  #remove(placed: Placed): void {
    if (!this.#stages.includes(placed)) return;
    placed.stage.release();
    this.#stages = this.#stages.filter((other) => other !== placed);
  }

  /** Index of the stage that comes after one; of one that is out already, past them all. */
  #after(placed: Placed): number {
    const index = this.#stages.indexOf(placed);
    return index < 0 ? this.#stages.length : index + 1;
  }

  #passFrom(index: number, piece: Piece): void {
    const next = this.#stages[index];
    if (next !== undefined) next.stage.take(piece);
    else if (isReset(piece)) {
      // As on any socket: a reset is known to those who do not read, too, and takes what waits with it.
      while (this.#waiting.first !== undefined) this.#drop(this.#waiting.shift());
      this.#deliver(piece);
    } else if (this.#isShut || this.#waiting.size > 0) this.#waiting.push(piece);
    else this.#deliver(piece);
  }

  #deliver(piece: Piece): void {
    if (this.#isDiscarded || (this.#isDead && piece.kind === 'octets')) {
      this.#drop(piece);
      return;
    }
    if (piece.kind === 'octets') this.#heldBytes -= piece.bytes.length;
    this.#exit(piece);
  }

  #drop(piece: Piece | undefined): void {
    if (piece?.kind !== 'octets') return;
    this.#heldBytes -= piece.bytes.length;
    piece.done();
  }
}

function isReset(piece: Piece): boolean {
  return piece.kind === 'close' && piece.error !== undefined;
}
