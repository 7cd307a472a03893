/** What the sides of the engine benchmark call: each a process of its own. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { framedMessage } from '../../src/http2/grpc-message.js';
import { nginxDocument } from '../../src/proxy/nginx-document.js';
import { startFleet } from '../../src/targets/fleet.js';
import { missingProgram } from './peer.js';
import { freePort, listening } from './port.js';

export interface EngineServer extends AsyncDisposable {
  readonly address: string;
  /** The process whose CPU time is the server's. */
  readonly pid: number;
}

export interface ServerKind {
  readonly name: string;
  readonly missing?: string | undefined;
  /** @param folder for files of its own. */
  start(folder: string): Promise<EngineServer>;
}

/** Our own server, as `server: wire` starts it. */
export const wireServer: ServerKind = {
  name: 'wire server',
  async start() {
    const fleet = await startFleet({
      specs: [{ name: 'b0', port: 0, server: 'wire' }],
      variant: 'bench',
      seed: 1,
      faults: [],
      intervalNs: 1e9,
      sink: { write() {} },
      onLost: (backend, reason) => {
        throw new Error(`backend ${backend} was lost: ${reason}`);
      },
    });
    const [backend] = fleet.backends;
    if (backend === undefined) throw new Error('the fleet is empty');
    const { address, pid } = backend;
    return { address, pid, [Symbol.asyncDispose]: () => fleet.stop() };
  },
};

/**
 * A file as the reply to every call. nginx refuses POST for files, and turns it into GET on the way to
 * the page for that error. One worker, so that it is one core.
 */
const nginxConfig = (port: number, folder: string) =>
  nginxDocument({
    folder,
    listen: `127.0.0.1:${port}`,
    errorLog: `${folder}/nginx-error.log crit`,
    connections: 1_024,
    streamsMax: 1_000,
    http: ['open_file_cache max=10;'],
    server: [
      `root ${folder};`,
      'default_type application/grpc;',
      `location = /chat.ChatService/Say { alias ${folder}/reply.bin; error_page 405 =200 /reply.bin; }`,
      'location = /reply.bin { internal; add_trailer grpc-status 0; }',
    ],
  });

/** nginx with an empty SayReply. */
export const nginxServer: ServerKind = {
  name: 'nginx',
  missing: missingProgram('nginx'),
  async start(folder) {
    const port = await freePort();
    writeFileSync(join(folder, 'reply.bin'), framedMessage(new Uint8Array(0)));
    const config = join(folder, 'nginx.conf');
    writeFileSync(config, nginxConfig(port, folder));
    const child = spawn('nginx', ['-c', config, '-e', join(folder, 'nginx-error.log')], {
      stdio: 'inherit',
    });
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    await listening(port);
    return {
      address: `127.0.0.1:${port}`,
      pid: child.pid ?? 0,
      async [Symbol.asyncDispose]() {
        child.kill('SIGQUIT');
        await closed;
      },
    };
  },
};
