/** What the configuration of a proxy that others wrote is made from. */
import type { TransportAddress } from '../http2/socket-transport.js';
import type { BalancePolicy } from './balancer.js';

export interface ProgramPlace {
  /** On loopback. */
  readonly port: number;
  /** For whatever it writes; gone with it. */
  readonly folder: string;
  /** `host:port` or `unix:/path`. */
  readonly servers: readonly string[];
  readonly balance: BalancePolicy;
}

/** An address as nginx and HAProxy write it. */
export function serverText({ host = 'localhost', port, path }: TransportAddress): string {
  if (path !== undefined) return `unix:${path}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
