/** What a process costs, as the kernel counts it (Linux: proc(5)). */
import { readFileSync } from 'node:fs';

/** Clock ticks of /proc: USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;
const BYTES_PER_KIB = 1024;
/** A process that ends takes its counts with it: what it uses after the last look is lost. */
const LOOK_MS = 10;

/** User and system time of a process and all its threads so far, in ms; undefined once it is gone. */
export function cpuMsOf(pid: number): number | undefined {
  try {
    // The name, in brackets, may itself hold spaces: what follows it are fields 3 and on.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (fields[0] === 'Z') return undefined;
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  } catch {
    return undefined;
  }
}

/** Largest resident memory of a process so far, in bytes; undefined once it is gone. */
export const peakRssBytesOf = (pid: number) => statusBytes(pid, 'VmHWM');
/** Resident memory of a process now, in bytes; undefined once it is gone. */
export const rssBytesOf = (pid: number) => statusBytes(pid, 'VmRSS');

function statusBytes(pid: number, name: string): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, kib] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
    return kib === undefined ? undefined : Number(kib) * BYTES_PER_KIB;
  } catch {
    return undefined;
  }
}

export interface ProcessCost {
  readonly cpuMs: number;
  readonly peakRssBytes: number;
}

/** Looks at a process until it is gone; `stop` gives what was seen last. */
export function watchCost(pid: number): { stop(): ProcessCost } {
  let cpuMs = 0;
  let peakRssBytes = 0;
  const look = () => {
    cpuMs = cpuMsOf(pid) ?? cpuMs;
    peakRssBytes = peakRssBytesOf(pid) ?? peakRssBytes;
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    stop() {
      look();
      clearInterval(timer);
      return { cpuMs, peakRssBytes };
    },
  };
}
