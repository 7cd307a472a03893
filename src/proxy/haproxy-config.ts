/** HAProxy as a gRPC proxy with one thread: HTTP/2 on both sides, connections shared and kept. */
import type { ProgramPlace } from './program-place.js';

export function haproxyConfig({ port, servers, balance }: ProgramPlace): string {
  return `global
  nbthread 1
  tune.h2.max-concurrent-streams 1024
defaults
  mode http
  timeout connect 5s
  timeout client 1d
  timeout server 1d
frontend calls
  bind 127.0.0.1:${port} proto h2
  default_backend backends
backend backends
  balance ${balance === 'least_request' ? 'leastconn' : 'roundrobin'}
  http-reuse always
  ${servers.map((server, index) => `server s${index} ${atOf(server)} proto h2`).join('\n  ')}
`;
}

/** HAProxy has a word of its own for unix sockets. */
function atOf(server: string): string {
  return server.startsWith('unix:') ? `unix@${server.slice('unix:'.length)}` : server;
}
