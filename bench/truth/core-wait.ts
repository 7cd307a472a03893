/**
 * How long processes were ready to run and had no core: what other work on the machine took from a
 * measurement. Linux tells (second number of schedstat); elsewhere it is not known.
 */
import { readFileSync } from 'node:fs';
import { monotonicNowNs } from '../../src/base/clock.js';

function waitedNs(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]);
  } catch {
    return undefined;
  }
}

/**
 * Starts looking at some processes, by the thread that each began with.
 * @returns what gives the largest share of the time since then that one of them waited for a core;
 *   undefined where the system does not tell.
 */
export function watchCoreWait(pids: readonly number[]): () => number | undefined {
  const fromNs = monotonicNowNs();
  const before = pids.map(waitedNs);
  return () => {
    const wallNs = monotonicNowNs() - fromNs;
    const shares = pids.flatMap((pid, index) => {
      const [from, to] = [before[index], waitedNs(pid)];
      return from === undefined || to === undefined ? [] : [(to - from) / wallNs];
    });
    return shares.length === 0 ? undefined : Math.max(...shares);
  };
}
