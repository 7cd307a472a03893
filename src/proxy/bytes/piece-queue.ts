/** Pieces that wait, in order, of which octets may leave in parts. */
import { cutOctets, type Piece } from './piece.js';

export class PieceQueue {
  readonly #pieces: Piece[] = [];

  get first(): Piece | undefined {
    return this.#pieces[0];
  }

  add(piece: Piece): void {
    this.#pieces.push(piece);
  }

  /** Takes the first piece out, of octets so many at most. @param bytesMax at least 1. */
  take(bytesMax = Number.POSITIVE_INFINITY): Piece | undefined {
    const [first] = this.#pieces;
    if (first?.kind !== 'octets' || first.bytes.length <= bytesMax) return this.#pieces.shift();
    const [part, rest] = cutOctets(first, bytesMax);
    this.#pieces[0] = rest;
    return part;
  }

  /** Hands all of them to `pass`, in order. */
  empty(pass: (piece: Piece) => void): void {
    for (const piece of this.#pieces.splice(0)) pass(piece);
  }
}
