/**
 * nginx as a gRPC proxy with one worker. Connections are kept on both sides for the whole run, and
 * nothing times out: what ends a call is to be the load's doing.
 */
import type { ProgramPlace } from './program-place.js';

const FOR_EVER = '1000000000';
const TEMP_FOLDERS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export function nginxConfig({ port, folder, servers, balance }: ProgramPlace): string {
  return `daemon off;
master_process off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off;
  ${TEMP_FOLDERS.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  client_max_body_size 0;
  client_body_timeout 1d;
  send_timeout 1d;
  keepalive_timeout 1d;
  keepalive_requests ${FOR_EVER};
  http2_max_concurrent_streams 1024;
  upstream backends {
    ${balance === 'least_request' ? 'least_conn;' : ''}
    ${servers.map((server) => `server ${server};`).join('\n    ')}
    keepalive 64;
    keepalive_requests ${FOR_EVER};
    keepalive_timeout 1d;
  }
  server {
    listen 127.0.0.1:${port} http2;
    location / {
      grpc_pass grpc://backends;
      grpc_read_timeout 1d;
      grpc_send_timeout 1d;
    }
  }
}
`;
}
