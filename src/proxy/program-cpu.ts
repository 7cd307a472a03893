/** CPU time of another process of one thread, piece by piece, as Linux tells it. */
import { readFileSync } from 'node:fs';

/** Length of a tick of `/proc/PID/stat` on every Linux that there is: 100 a second. */
const TICK_NS = 10e6;

/** @returns gives the CPU time in ns since it was last asked; undefined where nobody tells. */
export function programCpu(pid: number): () => number | undefined {
  let takenNs = totalNs(pid);
  return () => {
    const beforeNs = takenNs;
    const nowNs = totalNs(pid);
    takenNs = nowNs ?? beforeNs;
    return nowNs === undefined || beforeNs === undefined ? undefined : nowNs - beforeNs;
  };
}

function totalNs(pid: number): number | undefined {
  // The first number is the time on the processor in ns; not all kernels keep it.
  const exact = Number(readOf(pid, 'schedstat')?.split(' ')[0]);
  if (exact > 0) return exact;
  // Behind the name, which may hold anything: fields 14 and 15 are user and system time.
  const fields = readOf(pid, 'stat')?.split(') ').at(-1)?.split(' ');
  if (fields === undefined) return undefined;
  return (Number(fields[11]) + Number(fields[12])) * TICK_NS;
}

function readOf(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
