/**
 * A client's connection and one to the server, octets handed from each to the other as they come: TLS,
 * HTTP/2 or anything else passes unseen.
 *
 * Half-closes are passed on as such, failures as a RST. Of each direction a bounded number of octets is
 * in the relay's hands; the one who sends is not read while the other does not take them.
 */
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { TransportSocket } from '../../http2/transport-socket.js';
import { resetSocket } from './reset-socket.js';
import type { ShapedSocket } from './shaped-socket.js';

/** Octets of a direction that may wait; its sender is read again when half of them are gone. */
const PENDING_BYTES_MAX = 262_144;

/** How a relay came to its end. */
export interface RelayEnd {
  /** The server could not be reached or failed: why. Absent when both ends closed, or the client failed. */
  readonly reason?: string;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export interface ByteRelayOptions {
  /** `host` and `port`, or `path`. */
  readonly upstream: { readonly host?: string; readonly port?: number; readonly path?: string };
  /** Both connections are gone. Once. */
  onEnd(end: RelayEnd): void;
}

export class ByteRelay {
  readonly #client: ShapedSocket;
  readonly #upstream: Socket;
  readonly #options: ByteRelayOptions;
  /** Octets that the server and the client have sent for each other, whether or not they arrived. */
  bytesUp = 0;
  bytesDown = 0;
  #isUp = false;
  #open = 2;
  #reason: string | undefined;

  /** @param client paused. */
  constructor(client: ShapedSocket, options: ByteRelayOptions) {
    this.#client = client;
    this.#options = options;
    const upstream = connect({
      ...options.upstream,
      allowHalfOpen: true,
      noDelay: true,
    } as NetConnectOpts);
    this.#upstream = upstream;
    upstream.once('connect', () => {
      this.#isUp = true;
    });

    const up = createPump(client, upstream);
    const down = createPump(upstream, client);
    client.open((count, buffer) => {
      this.bytesUp += count;
      up(buffer);
      return true;
    });
    upstream.on('data', (chunk) => {
      this.bytesDown += chunk.length;
      down(chunk);
    });
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
    this.#passFailures();
    client.resume();
  }

  /** Ends both connections at once. */
  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #passFailures(): void {
    const client = this.#client;
    const upstream = this.#upstream;
    let clientError: Error | undefined;
    let upstreamError: Error | undefined;
    client.on('error', (error) => {
      clientError ??= error;
    });
    upstream.on('error', (error) => {
      upstreamError ??= error;
      this.#reason ??= this.#isUp
        ? `the server's connection failed: ${error.message}`
        : `the server cannot be reached: ${error.message}`;
    });
    client.on('close', () => {
      if (clientError === undefined || !this.#isUp) upstream.destroy();
      else if (!upstream.destroyed) resetSocket(upstream, upstream);
      this.#closed();
    });
    upstream.on('close', () => {
      // Without an error both directions have ended, and the client is let go when it has read that.
      if (upstreamError !== undefined) client.destroy(this.#isUp ? upstreamError : undefined);
      this.#closed();
    });
  }

  #closed(): void {
    this.#open--;
    if (this.#open > 0) return;
    const { bytesUp, bytesDown } = this;
    const reason = this.#reason === undefined ? {} : { reason: this.#reason };
    this.#options.onEnd({ ...reason, bytesUp, bytesDown });
  }
}

/** Hands octets of one socket to another, and reads no more of the one while too many wait. */
function createPump(
  from: Pick<TransportSocket, 'pause' | 'resume'>,
  to: Pick<TransportSocket, 'write'>,
): (bytes: Uint8Array) => void {
  let pendingBytes = 0;
  let isPaused = false;
  return (bytes) => {
    pendingBytes += bytes.length;
    to.write(bytes, () => {
      pendingBytes -= bytes.length;
      if (!isPaused || pendingBytes > PENDING_BYTES_MAX / 2) return;
      isPaused = false;
      from.resume();
    });
    if (isPaused || pendingBytes < PENDING_BYTES_MAX) return;
    isPaused = true;
    from.pause();
  };
}
