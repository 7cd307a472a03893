/** What the loops of the benchmarks have in common: a closed loop of calls in a process of its own. */

export interface LoopOptions {
  /** `host:port` of the server. */
  readonly address: string;
  /** Length of the measured stretch. */
  readonly seconds: number;
  /** Calls that are always open. */
  readonly inFlight: number;
  /** The `client:` part of a scenario; what it says by itself unless told. */
  readonly client?: Readonly<Record<string, unknown>>;
}

export interface CallCost {
  /** Calls of the stretch that ended well, and the others. */
  readonly calls: number;
  readonly failed: number;
  /** CPU time of the whole process, user and system, per call. */
  readonly cpuUsPerCall: number;
  readonly callsPerSecond: number;
  /** Largest resident memory of the process so far. */
  readonly peakRssBytes: number;
}

/** Before it, everything is compiled and connected. */
export const WARM_UP_SECONDS = 2;

const BYTES_PER_KIB = 1024;

export function loopOptions(): LoopOptions {
  return JSON.parse(process.argv[2] ?? '{}') as LoopOptions;
}

/** A stop-watch of CPU and wall time; reads the cost of so many calls since it was started. */
export function startCost(): (calls: number, failed?: number) => CallCost {
  const cpu = process.cpuUsage();
  const startedNs = process.hrtime.bigint();
  return (calls, failed = 0) => {
    const { user, system } = process.cpuUsage(cpu);
    const seconds = Number(process.hrtime.bigint() - startedNs) / 1e9;
    return {
      calls,
      failed,
      cpuUsPerCall: (user + system) / calls,
      callsPerSecond: calls / seconds,
      peakRssBytes: process.resourceUsage().maxRSS * BYTES_PER_KIB,
    };
  };
}

/** Hands the result to the benchmark and ends. */
export function report(cost: CallCost): void {
  process.send?.(cost, () => process.exit(0));
}
