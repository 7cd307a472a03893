import type { Socket } from 'node:net';

/** The address of who is at the other end of a socket: `127.0.0.1:40000`, `[::1]:40000`. */
export function peerOf({ remoteAddress, remotePort }: Socket): string {
  if (remoteAddress === undefined) return 'a client that is gone';
  const host = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress;
  return `${host}:${remotePort ?? 0}`;
}
