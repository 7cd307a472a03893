/**
 * A whole configuration of nginx as all of ours are: one process in the foreground, which speaks cleartext
 * HTTP/2, keeps its connections, and writes nowhere but to a folder of its own. What it serves comes in.
 */

/** As many requests on a connection, and for as long, as there will ever be. */
export const FOR_EVER = { requests: '1000000000', time: '1d' } as const;

const TEMP_FOLDERS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export interface NginxDocument {
  /** It need not be empty; nginx makes folders in it. */
  readonly folder: string;
  /** `host:port` or `unix:/path`. */
  readonly listen: string;
  /** Where errors go and from which level on: `stderr error`. */
  readonly errorLog: string;
  /** Open at once on all sides. */
  readonly connections: number;
  /** Open at once on a client's connection; nginx's own default is 128. */
  readonly streamsMax: number;
  /** Directives of the `http` block beside those above. */
  readonly http?: readonly string[];
  /** Directives of the `server` block. */
  readonly server: readonly string[];
}

export function nginxDocument({ folder, http = [], server, ...sizes }: NginxDocument): string {
  return `daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${sizes.errorLog};
events { worker_connections ${sizes.connections}; }
http {
  access_log off;
  ${TEMP_FOLDERS.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  keepalive_timeout ${FOR_EVER.time};
  keepalive_requests ${FOR_EVER.requests};
  http2_max_concurrent_streams ${sizes.streamsMax};
  ${http.join('\n  ')}
  server {
    listen ${sizes.listen} http2;
    ${server.join('\n    ')}
  }
}
`;
}
