/**
 * A client's socket before the server has said what it allows: what the client sends meanwhile is kept,
 * for only a socket that is read tells when its peer goes away.
 */
import type { Socket } from 'node:net';

/** A preface, settings and the first calls; more stays with the system, and the socket is read no more. */
const KEPT_BYTES_MAX = 65_536;

export class EarlyOctets {
  readonly #socket: Socket;
  readonly #onGone: () => void;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  /**
   * @param socket nobody else's until `giveBack`.
   * @param onGone the client is gone, or sends no more, which for HTTP/2 is the same.
   */
  constructor(socket: Socket, onGone: () => void) {
    this.#socket = socket;
    this.#onGone = onGone;
    socket.on('data', this.#keep);
    socket.once('error', onGone);
    socket.once('close', onGone);
    socket.resume();
  }

  readonly #keep = (chunk: Buffer) => {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > KEPT_BYTES_MAX) this.#socket.pause();
  };

  /** Leaves the socket as if it had never been read, paused. */
  giveBack(): void {
    const socket = this.#socket;
    socket.pause();
    socket.off('data', this.#keep);
    socket.off('error', this.#onGone);
    socket.off('close', this.#onGone);
    // Of one that has ended already the close is to come.
    if (this.#bytes === 0 || socket.destroyed || socket.readableEnded) return;
    socket.unshift(Buffer.concat(this.#chunks));
  }
}
