/** How busy a process is over time: its CPU time looked at again and again, for any stretch afterwards. */
import { cpuMsOf } from '../engine/process-cost.js';

const LOOK_MS = 20;

export interface CpuWatch {
  /** Ends the looking. @returns CPU time ÷ time between two moments of `performance.now()`. */
  share(fromMs: number, toMs: number): number;
}

export function watchCpu(pid: number): CpuWatch {
  const looks: { readonly atMs: number; readonly cpuMs: number }[] = [];
  const timer = setInterval(() => {
    const cpuMs = cpuMsOf(pid);
    if (cpuMs !== undefined) looks.push({ atMs: performance.now(), cpuMs });
  }, LOOK_MS);
  return {
    share(fromMs, toMs) {
      clearInterval(timer);
      const within = looks.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
      const [first, last] = [within[0], within.at(-1)];
      if (first === undefined || last === undefined || first === last) {
        throw new Error('the stretch is too short to see CPU time in it');
      }
      return (last.cpuMs - first.cpuMs) / (last.atMs - first.atMs);
    },
  };
}
