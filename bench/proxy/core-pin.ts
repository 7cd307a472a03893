/** Keeps processes to one core each, so that "one core" is one for all sides, whatever their threads. */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { missingProgram } from '../engine/peer.js';

/** Where everything runs at saturation: the proxy alone on one, the load and the server on the other. */
export const LOAD_CORE = 0;
export const PROXY_CORE = 1;

/** Why processes cannot be kept to cores here; undefined when they can. */
export const cannotPin =
  missingProgram('taskset') ?? (cpus().length < 2 ? 'there is one core only' : undefined);

/** All threads of a process, and what it starts from now on, run wherever the system likes. */
export const unpin = (pid: number) => pinToCores(pid, `0-${cpus().length - 1}`);

/** All threads of a process, and what it starts from now on, run on one core. */
export const pinToCore = (pid: number, core: number) => pinToCores(pid, String(core));

function pinToCores(pid: number, cores: string): void {
  if (cannotPin !== undefined) return;
  const { status, stderr } = spawnSync('taskset', ['-acp', cores, String(pid)]);
  if (status !== 0) throw new Error(`taskset: ${stderr.toString('utf8')}`);
}
