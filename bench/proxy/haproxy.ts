/** HAProxy with `proto h2` on both sides, one thread. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingProgram } from '../engine/peer.js';
import { freePort } from '../engine/port.js';
import { type ProxyKind, startProgram } from './proxy-kind.js';

/** No limit of its own may be what is measured. */
const config = (port: number, upstream: string) => `
global
  nbthread 1
  maxconn 2000
  tune.h2.max-concurrent-streams 20000
defaults
  mode http
  timeout connect 10s
  timeout client 1h
  timeout server 1h
frontend clients
  bind 127.0.0.1:${port} proto h2
  default_backend servers
backend servers
  http-reuse always
  server b0 ${upstream} proto h2
`;

export const haproxyProxy: ProxyKind = {
  name: 'HAProxy',
  settings: 'proto h2 on both sides, nbthread 1',
  missing: missingProgram('haproxy'),
  async start(folder, upstream) {
    const port = await freePort();
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, config(port, upstream));
    return await startProgram('haproxy', ['-db', '-f', file], port);
  },
};
