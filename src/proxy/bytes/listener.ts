/**
 * A port that can stop listening and start again: to who connects meanwhile it is as if nobody were
 * there. Connections that are open go on.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../base/errors.js';

/** Between tries to listen again on a port that somebody else has taken meanwhile. */
const TRY_AGAIN_MS = 50;

export interface ListenerOptions {
  readonly host: string;
  /** 0 lets the system choose; the choice stays. */
  readonly port: number;
  /** Given each connection: paused, without delays of Nagle's, its ends independent of each other. */
  onSocket(socket: Socket): void;
  /** It cannot listen again so far, and goes on trying. */
  onProblem?(reason: string): void;
}

export interface Listener {
  readonly port: number;
  /**
   * Listens no more: who connects gets ECONNREFUSED, and who has connected and was not accepted yet is
   * reset. Of several refusals at once the last to end ends it.
   * @returns listens again; calling that twice does nothing.
   */
  refuse(): () => void;
  /** Listens no more, for good. */
  close(): void;
}

/** @throws Error of the system, when the port cannot be had. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const problem = (error: Error) => options.onProblem?.(messageOf(error));
  let server = createListening(options, options.port);
  await once(server, 'listening');
  server.on('error', problem);
  const { port } = server.address() as AddressInfo;
  let refusals = 0;
  let isClosed = false;
  let again: NodeJS.Timeout | undefined;
  const reopen = () => {
    const opening = createListening(options, port);
    server = opening;
    opening.on('error', (error) => {
      problem(error);
      if (server === opening && !opening.listening) again = setTimeout(reopen, TRY_AGAIN_MS);
    });
    // It takes a turn or two to listen, and nobody may be wanted by then.
    opening.on('listening', () => {
      if (server !== opening || refusals > 0 || isClosed) opening.close();
    });
  };
  const shut = () => {
    clearTimeout(again);
    server.close();
  };
  return {
    port,
    refuse() {
      refusals++;
      if (refusals === 1 && !isClosed) shut();
      let isOn = true;
      return () => {
        if (!isOn) return;
        isOn = false;
        refusals--;
        if (refusals === 0 && !isClosed) reopen();
      };
    },
    close() {
      isClosed = true;
      shut();
    },
  };
}

function createListening({ host, onSocket }: ListenerOptions, port: number): Server {
  const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
  return createServer(options, onSocket).listen(port, host);
}
