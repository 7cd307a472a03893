/** Pieces that wait, in order, of which octets may leave in parts. */
import { createFifo } from '../../base/fifo.js';
import { cutOctets, type Piece } from './piece.js';

export class PieceQueue {
  readonly #pieces = createFifo<Piece>();
  /** What is left of the piece of which a part has left; before all others. */
  #rest: Piece | undefined;

  get first(): Piece | undefined {
    return this.#rest ?? this.#pieces.first;
  }

  add(piece: Piece): void {
    this.#pieces.push(piece);
  }

  /** Takes the first piece out, of octets so many at most. @param bytesMax at least 1. */
  take(bytesMax = Number.POSITIVE_INFINITY): Piece | undefined {
    const first = this.#rest ?? this.#pieces.shift();
    this.#rest = undefined;
    if (first?.kind !== 'octets' || first.bytes.length <= bytesMax) return first;
    const [part, rest] = cutOctets(first, bytesMax);
    this.#rest = rest;
    return part;
  }

  /** Hands all of them to `pass`, in order. */
  empty(pass: (piece: Piece) => void): void {
    for (let piece = this.take(); piece !== undefined; piece = this.take()) pass(piece);
  }
}
