/** What the loops of the benchmarks have in common: each is a process of its own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Pacing } from '../src/base/due-queue.js';
import type { DurationSummary } from '../src/metrics/histogram.js';
import type { LoadSpec } from '../src/workers/spec.js';

export interface LoopOptions {
  /** `host:port` of the server. */
  readonly address: string;
  /** Length of the measured stretch. */
  readonly seconds: number;
  /** Before it; everything is compiled and connected then. Two seconds unless told. */
  readonly warmUpSeconds?: number;
  /** Calls that are always open. */
  readonly inFlight?: number;
  /** The `client:` part of a scenario; what it says by itself unless told. */
  readonly client?: Readonly<Record<string, unknown>>;
  /** In place of a closed loop of them. */
  readonly arrivals?: LoadSpec['arrivals'];
  /** Of a call; 1 unless told. */
  readonly deadlineSeconds?: number;
  /** In place of unary calls. */
  readonly load?: LoadSpec;
  readonly pacing?: Pacing;
  /** The stretch begins after so many calls, and lasts until so many were made. */
  readonly fromCalls?: number;
  readonly untilCalls?: number;
}

export interface CallCost {
  /** Calls of the stretch that ended well, and the others. */
  readonly calls: number;
  readonly failed: number;
  /** CPU time of the whole process, user and system, per call. */
  readonly cpuUsPerCall: number;
  readonly callsPerSecond: number;
  /** CPU time of the whole process, and length of the stretch. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  /** Resident memory of the process at the stretch's begin and end, and the most so far. */
  readonly rssBytesBefore: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  /** Calls and messages that were due and could not be sent. */
  readonly missed?: number;
  /** Messages heard on streams. */
  readonly messages?: number;
  /** Calls open at the end. */
  readonly inFlight?: number;
  /** In µs; of open loops. */
  readonly lateness?: DurationSummary | undefined;
  readonly messageLatency?: DurationSummary | undefined;
  /** In µs, of calls, from when they were due. */
  readonly latency?: DurationSummary | undefined;
}

export const WARM_UP_SECONDS = 2;

const BYTES_PER_KIB = 1024;

export function loopOptions(): LoopOptions {
  return JSON.parse(process.argv[2] ?? '{}') as LoopOptions;
}

/** A stop-watch of CPU and wall time; reads the cost of so many calls since it was started. */
export function startCost(): (calls: number, failed?: number) => CallCost {
  const cpu = process.cpuUsage();
  const startedNs = process.hrtime.bigint();
  const rssBytesBefore = process.memoryUsage.rss();
  return (calls, failed = 0) => {
    const { user, system } = process.cpuUsage(cpu);
    const seconds = Number(process.hrtime.bigint() - startedNs) / 1e9;
    return {
      calls,
      failed,
      cpuUsPerCall: (user + system) / calls,
      callsPerSecond: calls / seconds,
      cpuSeconds: (user + system) / 1e6,
      seconds,
      rssBytesBefore,
      rssBytes: process.memoryUsage.rss(),
      peakRssBytes: process.resourceUsage().maxRSS * BYTES_PER_KIB,
    };
  };
}

/** Hands the result to the benchmark and ends. */
export function report(cost: CallCost): void {
  process.send?.(cost, () => process.exit(0));
}

/** Runs a loop, given by its module beside this one, in a process of its own. */
export async function runLoop(
  module: 'squall-side' | 'overhead-bare',
  options: LoopOptions,
): Promise<CallCost> {
  const file = fileURLToPath(new URL(`${module}.js`, import.meta.url));
  const child = fork(file, [JSON.stringify(options)]);
  return await new Promise<CallCost>((resolve, reject) => {
    let cost: CallCost | undefined;
    child.once('message', (message) => {
      cost = message as CallCost;
    });
    child.once('exit', (code) => {
      if (cost !== undefined && code === 0) resolve(cost);
      else reject(new Error(`${module} ended with exit code ${code}`));
    });
  });
}
