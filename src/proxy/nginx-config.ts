/**
 * nginx as a gRPC proxy with one worker. Connections are kept on both sides for the whole run, and
 * nothing times out: what ends a call is to be the load's doing.
 */
import { FOR_EVER, type NginxDocument, nginxDocument } from './nginx-document.js';
import type { ProgramPlace } from './program-place.js';

/** What is fitted to a load; a call takes a connection of its own to the server. */
export interface NginxTuning
  extends Pick<NginxDocument, 'errorLog' | 'connections' | 'streamsMax'> {
  /** Connections to the servers that are kept when no call needs them. */
  readonly kept: number;
}

const TUNING: NginxTuning = {
  errorLog: 'stderr error',
  connections: 8_192,
  streamsMax: 1_024,
  kept: 64,
};

export function nginxConfig(
  { port, folder, servers, balance }: ProgramPlace,
  { kept, ...tuning }: NginxTuning = TUNING,
): string {
  return nginxDocument({
    ...tuning,
    folder,
    listen: `127.0.0.1:${port}`,
    http: [
      'client_max_body_size 0;',
      `client_body_timeout ${FOR_EVER.time};`,
      `send_timeout ${FOR_EVER.time};`,
      'upstream backends {',
      ...(balance === 'least_request' ? ['  least_conn;'] : []),
      ...servers.map((server) => `  server ${server};`),
      `  keepalive ${kept};`,
      `  keepalive_requests ${FOR_EVER.requests};`,
      `  keepalive_timeout ${FOR_EVER.time};`,
      '}',
    ],
    server: [
      'location / {',
      '  grpc_pass grpc://backends;',
      `  grpc_read_timeout ${FOR_EVER.time};`,
      `  grpc_send_timeout ${FOR_EVER.time};`,
      '}',
    ],
  });
}
