/**
 * A fault's hands in one direction of a call: it is given what is to be sent on a stream, and passes
 * on, with the stream's `pass…`, what it likes of it.
 *
 * Octets that it keeps are to be given back to the window (`giveBack`) when it is done with them.
 */
import type { HeaderBlock } from '../http2/header-block.js';
import type { RelayStream } from './relay-stream.js';

export interface Meddler {
  /** A response's head (also a 1xx one), or trailers. */
  block(stream: RelayStream, block: HeaderBlock, endStream: boolean): void;
  data(
    stream: RelayStream,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void;
  /** The stream is gone. */
  over?(): void;
}

/** The end of a stream without anything more to say. */
export function passEnd(stream: RelayStream): void {
  stream.passData(NO_OCTETS, 0, 0, true);
}

const NO_OCTETS = Buffer.alloc(0);
