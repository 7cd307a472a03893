/** Whether a proxy's server is there: one connection, over TLS where that is asked for, and nothing sent. */
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { tlsReason } from '../drivers/wire/close-reason.js';
import type { TransportAddress } from '../http2/socket-transport.js';

/** Of another machine, with the packets of a handshake lost once or twice. */
const REACH_MS_MAX = 3_000;

/** Why no client could reach it now; undefined when one could. */
export function whyUnreachable(
  { tls, ...where }: TransportAddress,
  limitMs = REACH_MS_MAX,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const target = where as { port: number; host: string };
    const socket: Socket =
      tls === undefined
        ? connect(target)
        : tlsConnect({ ...tls, ...target, ALPNProtocols: ['h2'] });
    const done = (reason: string | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reason);
    };
    const timer = setTimeout(() => done(`no answer within ${limitMs / 1e3} s`), limitMs);
    socket.on('error', (error) => done(tlsReason(error) ?? error.message));
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      const agreed =
        tls === undefined || ('alpnProtocol' in socket && socket.alpnProtocol === 'h2');
      done(agreed ? undefined : 'it does not speak HTTP/2 (ALPN did not agree on h2)');
    });
  });
}
