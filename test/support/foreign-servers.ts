/**
 * Servers and clients that others wrote, as processes of their own: started when they are on this
 * machine, ended with the test.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nginxDocument } from '../../src/proxy/nginx-document.js';
import { until } from './until.js';

const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

export const hasNginx = works('nginx', '-v');
export const hasH2load = works('h2load', '--version');
/** A Python that knows gRPC: Debian's package is for the system's own. */
export const grpcPython = ['/usr/bin/python3', 'python3'].find((python) =>
  works(python, '-c', 'import grpc'),
);

export interface ForeignServer extends AsyncDisposable {
  /** `unix:/path`, or `127.0.0.1:port`. */
  readonly address: string;
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void;
}

/** A folder of its own, removed with `end`. */
function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'squall-test-'));
  return {
    folder,
    async end(child: ChildProcess) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param server what stands in its `server` block. */
export async function startNginx(server: string): Promise<ForeignServer> {
  const { folder, end } = scratch();
  const socket = join(folder, 'nginx.sock');
  const config = nginxDocument({
    folder,
    listen: `unix:${socket}`,
    errorLog: `${folder}/error.log`,
    connections: 512,
    streamsMax: 128,
    server: [server],
  });
  writeFileSync(join(folder, 'nginx.conf'), config);
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: 'ignore',
  });
  await until('nginx listens', () => existsSync(socket));
  return {
    address: `unix:${socket}`,
    kill: (signal) => child.kill(signal),
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** gRPC for Python (on gRPC's C core): says back what it is told; see the script. */
export async function startPythonServer(streamsMax: number): Promise<ForeignServer> {
  const { end } = scratch();
  const script = fileURLToPath(new URL('../../../test/support/grpc-server.py', import.meta.url));
  const child = spawn(grpcPython ?? 'python3', [script, String(streamsMax)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    address: `127.0.0.1:${Number(port.toString())}`,
    kill: (signal) => child.kill(signal),
    [Symbol.asyncDispose]: () => end(child),
  };
}
