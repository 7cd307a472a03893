/**
 * nginx with `grpc_pass`, one worker: each call takes a connection of its own to the server, kept.
 *
 * So the streams that clients may have open say how many connections it has to the server. With many
 * more than its own 128 a moment's delay is a storm of new connections, from which it does not come back.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nginxConfig } from '../../src/proxy/nginx-config.js';
import { missingProgram } from '../engine/peer.js';
import { freePort } from '../engine/port.js';
import { type ProxyKind, startProgram } from './proxy-kind.js';

/** More than there are calls open: it would make connections over and over otherwise. */
const KEPT_CONNECTIONS = 1_024;
/** nginx's own default. */
const STREAMS_MAX = 128;

export const nginxProxy: ProxyKind = {
  name: 'nginx',
  settings: `grpc_pass, one worker, keepalive ${KEPT_CONNECTIONS}, ${STREAMS_MAX} streams`,
  missing: missingProgram('nginx'),
  async start(folder, upstream, streamsMax = STREAMS_MAX) {
    const port = await freePort();
    const file = join(folder, 'nginx-proxy.conf');
    const log = join(folder, 'nginx-proxy-error.log');
    const place = { port, folder, servers: [upstream], balance: 'round_robin' } as const;
    const config = nginxConfig(place, {
      errorLog: `${log} crit`,
      connections: 16_384,
      streamsMax,
      kept: KEPT_CONNECTIONS,
    });
    writeFileSync(file, config);
    return await startProgram('nginx', ['-c', file, '-e', log], port);
  },
};
