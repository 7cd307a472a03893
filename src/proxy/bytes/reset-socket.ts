/** Closes a socket by a RST: the peer sees its connection reset, and not closed. */
import type { Socket } from 'node:net';

/**
 * At once, also when it is idle. A Unix socket, which knows no resets, is closed.
 * @param raw the TCP socket.
 * @param socket what is on top of it (TLS), or the same.
 */
export function resetSocket(raw: Socket, socket: Socket): void {
  try {
    raw.resetAndDestroy();
  } catch {
    // Not TCP.
    raw.destroy();
  }
  if (socket !== raw) socket.destroy();
}
