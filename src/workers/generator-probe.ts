/**
 * The generator watching itself: how busy its thread is, and how late its event loop runs.
 */
import { readFileSync } from 'node:fs';
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { type NowNs, NS_PER_MS } from '../base/clock.js';
import { DurationHistogram } from '../metrics/histogram.js';
import type { GeneratorSample } from '../metrics/record.js';

const PROBE_MS = 20;

/** CPU time of this thread in ns, where the system tells (Linux), else undefined. */
function threadCpuNs(): number | undefined {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]);
  } catch {
    return undefined;
  }
}

export class GeneratorProbe implements Disposable {
  private readonly now: NowNs;
  private readonly takeIdleNs: () => number;
  private readonly delays = new DurationHistogram();
  private readonly timer: NodeJS.Timeout;
  private loop: EventLoopUtilization = performance.eventLoopUtilization();
  private cpuNs = threadCpuNs();
  private sinceNs: number;

  /** @param takeIdleNs time that the loop was turned over with nothing to do (precise pacing). */
  constructor(now: NowNs, takeIdleNs: () => number) {
    this.now = now;
    this.takeIdleNs = takeIdleNs;
    this.sinceNs = now();
    let expectedNs = this.sinceNs + PROBE_MS * NS_PER_MS;
    this.timer = setInterval(() => {
      const nowNs = now();
      this.delays.record(Math.max(0, nowNs - expectedNs));
      expectedNs = nowNs + PROBE_MS * NS_PER_MS;
    }, PROBE_MS);
  }

  /** How the thread fared since the last call. */
  take(): GeneratorSample {
    const nowNs = this.now();
    const wallNs = nowNs - this.sinceNs;
    const loop = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(loop, this.loop);
    const cpuNs = threadCpuNs();
    const cpuShare =
      cpuNs === undefined || this.cpuNs === undefined || wallNs <= 0
        ? undefined
        : (cpuNs - this.cpuNs) / wallNs;
    // Node counts a loop that turns over for precise pacing as busy; what it idled away is not.
    const idleShare = wallNs <= 0 ? 0 : this.takeIdleNs() / wallNs;
    const delay = this.delays.count === 0 ? undefined : this.delays.encode();
    this.loop = loop;
    this.cpuNs = cpuNs;
    this.sinceNs = nowNs;
    this.delays.reset();
    return {
      loopBusyShare: Math.max(0, busy.utilization - idleShare),
      ...(cpuShare === undefined ? {} : { cpuShare }),
      ...(delay === undefined ? {} : { eventLoopDelay: delay }),
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
    this.delays.destroy();
  }
}
