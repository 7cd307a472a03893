/** Our proxy, in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type ProxyKind, runningSide } from './proxy-kind.js';

/** `SQUALL_PROXY_ARGS="--cpu-prof --cpu-prof-dir=…"` hands node options of its own. */
const nodeArgs = (process.env['SQUALL_PROXY_ARGS'] ?? '').split(' ').filter((arg) => arg !== '');

export const squallProxy: ProxyKind = {
  name: 'squall proxy',
  settings: 'no faults, one upstream connection a client',
  async start(_folder, upstream) {
    const file = fileURLToPath(new URL('squall-process.js', import.meta.url));
    const child = fork(file, [upstream], { execArgv: nodeArgs });
    const [port] = (await once(child, 'message')) as [number];
    return runningSide(child, port, 'SIGTERM');
  },
};
