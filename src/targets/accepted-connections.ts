/**
 * Connections that one server accepted, counted from outside of it: Node tells of every socket that a
 * listener of the process takes in (`net.server.socket`), and neither kind of server has to be asked.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server, Socket } from 'node:net';

const CHANNEL = 'net.server.socket';

export interface AcceptedConnections extends Disposable {
  /** Since the last call. @param listener the port, or the unix socket's path. */
  take(listener: number | string): number;
}

/** Counts from now on, for every listener of the process, since a port is known only when it listens. */
export function countAcceptedConnections(): AcceptedConnections {
  const counts = new Map<number | string, number>();
  const accepted = (message: unknown) => {
    const listener = listenerOf((message as { socket: Socket & { server?: Server } }).socket);
    if (listener !== undefined) counts.set(listener, (counts.get(listener) ?? 0) + 1);
  };
  subscribe(CHANNEL, accepted);
  return {
    take(listener) {
      const count = counts.get(listener) ?? 0;
      counts.delete(listener);
      return count;
    },
    [Symbol.dispose]: () => void unsubscribe(CHANNEL, accepted),
  };
}

function listenerOf(socket: Socket & { server?: Server }): number | string | undefined {
  const address = socket.server?.address();
  return typeof address === 'object' ? address?.port : address;
}
