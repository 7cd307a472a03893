/**
 * What travels through a lane: octets, then that no more will come, and that the connection is over.
 */

export interface Octets {
  readonly kind: 'octets';
  readonly bytes: Uint8Array;
  /** Called once: they left or were thrown away, and whoever sent them may use the memory again. */
  readonly done: () => void;
}

export type Piece =
  | Octets
  /** The sender half-closed. */
  | { readonly kind: 'end' }
  /** The sender closed; with an error it was by a reset. */
  | { readonly kind: 'close'; readonly error: Error | undefined };

const NOTHING = () => {};

/**
 * Cuts octets in two.
 * @param bytes of the first part: at least 1 and less than there are.
 */
export function cutOctets({ bytes: all, done }: Octets, bytes: number): [Octets, Octets] {
  return [
    { kind: 'octets', bytes: all.subarray(0, bytes), done: NOTHING },
    { kind: 'octets', bytes: all.subarray(bytes), done },
  ];
}

/** Octets whose sender asks for no word of them. */
export function octetsOf(bytes: Uint8Array): Octets {
  return { kind: 'octets', bytes, done: NOTHING };
}
