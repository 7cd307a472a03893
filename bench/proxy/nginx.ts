/**
 * nginx with `grpc_pass`, one worker: each call takes a connection of its own to the server, kept.
 *
 * So the streams that clients may have open say how many connections it has to the server. With many
 * more than its own 128 a moment's delay is a storm of new connections, from which it does not come back.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingProgram } from '../engine/peer.js';
import { freePort } from '../engine/port.js';
import { type ProxyKind, startProgram } from './proxy-kind.js';

/** More than there are calls open: it would make connections over and over otherwise. */
const KEPT_CONNECTIONS = 1_024;
/** nginx's own default. */
const STREAMS_MAX = 128;

const config = (port: number, upstream: string, folder: string, streamsMax: number) => `
daemon off;
master_process off;
pid ${folder}/nginx-proxy.pid;
error_log ${folder}/nginx-proxy-error.log crit;
events { worker_connections 16384; }
http {
  access_log off;
  client_body_temp_path ${folder}/temp;
  proxy_temp_path ${folder}/temp;
  fastcgi_temp_path ${folder}/temp;
  uwsgi_temp_path ${folder}/temp;
  scgi_temp_path ${folder}/temp;
  keepalive_requests 1000000000;
  http2_max_concurrent_streams ${streamsMax};
  upstream fast {
    server ${upstream};
    keepalive ${KEPT_CONNECTIONS};
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} http2;
    grpc_read_timeout 1h;
    grpc_send_timeout 1h;
    location / { grpc_pass grpc://fast; }
  }
}
`;

export const nginxProxy: ProxyKind = {
  name: 'nginx',
  settings: `grpc_pass, one worker, keepalive ${KEPT_CONNECTIONS}, ${STREAMS_MAX} streams`,
  missing: missingProgram('nginx'),
  async start(folder, upstream, streamsMax = STREAMS_MAX) {
    const port = await freePort();
    const file = join(folder, 'nginx-proxy.conf');
    writeFileSync(file, config(port, upstream, folder, streamsMax));
    const log = join(folder, 'nginx-proxy-error.log');
    return await startProgram('nginx', ['-c', file, '-e', log], port);
  },
};
