/**
 * A client's socket before the server has said what it allows: what the client sends meanwhile is kept,
 * for only a socket that is read tells when its peer goes away.
 */
import type { OnRead } from '../http2/transport-socket.js';
import type { ShapedSocket } from './bytes/shaped-socket.js';

/** A preface, settings and the first calls; more stays with the system, and the socket is read no more. */
const KEPT_BYTES_MAX = 65_536;

export class EarlyOctets {
  readonly #socket: ShapedSocket;
  readonly #onGone: () => void;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  /**
   * @param socket nobody else's until `giveBack`.
   * @param onGone the client is gone, or sends no more, which for HTTP/2 is the same.
   */
  constructor(socket: ShapedSocket, onGone: () => void) {
    this.#socket = socket;
    this.#onGone = onGone;
    socket.open(this.#keep);
    for (const event of ['error', 'end', 'close']) socket.once(event, onGone);
    socket.resume();
  }

  readonly #keep: OnRead = (_count, chunk) => {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > KEPT_BYTES_MAX) this.#socket.pause();
    return true;
  };

  /** Leaves the socket as if it had never been read, paused. */
  giveBack(): void {
    const socket = this.#socket;
    socket.pause();
    for (const event of ['error', 'end', 'close']) socket.off(event, this.#onGone);
    if (this.#bytes > 0) socket.unread(Buffer.concat(this.#chunks));
  }
}
