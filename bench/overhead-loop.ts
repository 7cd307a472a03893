/** What the two sides of the overhead benchmark have in common. */

export interface LoopOptions {
  /** `host:port` of the server. */
  readonly address: string;
  /** Length of the measured stretch. */
  readonly seconds: number;
  /** Calls that are always open. */
  readonly inFlight: number;
}

export interface CallCost {
  /** CPU time of the whole process, user and system, per call. */
  readonly cpuUsPerCall: number;
  readonly callsPerSecond: number;
}

/** Before it, everything is compiled and connected. */
export const WARM_UP_SECONDS = 2;

export function loopOptions(): LoopOptions {
  return JSON.parse(process.argv[2] ?? '{}') as LoopOptions;
}

/** A stop-watch of CPU and wall time; reads the cost of so many calls since it was started. */
export function startCost(): (calls: number) => CallCost {
  const cpu = process.cpuUsage();
  const startedNs = process.hrtime.bigint();
  return (calls) => {
    const { user, system } = process.cpuUsage(cpu);
    const seconds = Number(process.hrtime.bigint() - startedNs) / 1e9;
    return { cpuUsPerCall: (user + system) / calls, callsPerSecond: calls / seconds };
  };
}

/** Hands the result to the benchmark and ends. */
export function report(cost: CallCost): void {
  process.send?.(cost, () => process.exit(0));
}
