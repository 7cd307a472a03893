/** Whether a process is still there, for tests of what is left behind. */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * A zombie is gone: it waits only for its parent, which may be a container's idle first process.
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const [, state] = /^\d+ \(.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return state !== 'Z';
  } catch {
    // No /proc on this system, or it went meanwhile; the signal above was the answer.
    return process.platform !== 'linux';
  }
}

/** Direct child processes, from /proc; Linux only, as are the tests that use it. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((other) => {
      try {
        const stat = readFileSync(`/proc/${other}/stat`, 'utf8');
        const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(stat) ?? [];
        return Number(parent) === pid;
      } catch {
        return false;
      }
    });
}
