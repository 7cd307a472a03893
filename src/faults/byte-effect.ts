/**
 * What a byte fault does to the octets of a connection, as data: whoever has the connection (the
 * proxy) carries it out, and knows no fault by name. The client's connection is meant: what is in the
 * hands of the network between a client and whatever stands for the server.
 *
 *   client ──► close-after ► slice ► bandwidth ► latency ► slow-close ► blackhole ──► server     up
 *   client ◄── blackhole ◄ slow-close ◄ latency ◄ bandwidth ◄ slice ◄ close-after ◄── server     down
 *
 * In this order they act on octets that several of them hit; of two of one sort the one that began
 * first comes first. Resets go past all of them. What one still holds when it ends goes on at once, in
 * order.
 */

import type { Direction } from './call-effect.js';

export type { Direction };
export type Directions = Direction | 'both';

/** Acts on what passes in a direction for as long as its fault does. */
export type StreamEffect =
  /** Octets and ends come later by `delayNs` ± up to `jitterNs`, in order. */
  | {
      readonly effect: 'latency';
      readonly directions: Directions;
      readonly delayNs: number;
      readonly jitterNs: number;
    }
  | {
      readonly effect: 'bandwidth';
      readonly directions: Directions;
      readonly bytesPerSecond: number;
    }
  /** Octets go on in pieces of `bytes` ± up to `variationBytes`, one every `gapNs` at the most. */
  | {
      readonly effect: 'slice';
      readonly directions: Directions;
      readonly bytes: number;
      readonly variationBytes: number;
      readonly gapNs: number;
    }
  /** The end of a direction comes later. */
  | { readonly effect: 'slow-close'; readonly directions: Directions; readonly delayNs: number }
  /**
   * Nothing passes and nobody is told. Held and then delivered, or lost: a connection that lost octets
   * carries none any more.
   */
  | { readonly effect: 'blackhole'; readonly directions: Directions; readonly drops: boolean }
  /** After so many octets from now on in one of the directions, both end in order. */
  | { readonly effect: 'close-after'; readonly directions: Directions; readonly bytes: number };

export type ByteEffect =
  | StreamEffect
  /** The connection is reset, so many ns after it was hit. */
  | { readonly effect: 'reset'; readonly afterNs: number }
  /** Nobody listens: who connects is refused. Connections that are there go on. */
  | { readonly effect: 'refuse' }
  /** Connections are made, and nobody serves them before the fault ends. */
  | { readonly effect: 'accept-stall' };
