/**
 * What a check may know of a plan before the run, to refuse what could never be judged. Plain facts:
 * checks stand above the rooms that plans are made of.
 */

export interface JudgedPlan {
  readonly variant: string;
  readonly loads: readonly JudgedLoad[];
  readonly faults: readonly JudgedFault[];
  /** Names, the front one first. */
  readonly tiers: readonly string[];
  /** Of all tiers. */
  readonly backends: readonly JudgedBackend[];
  /** How many clients choose from: one where a proxy balances. */
  readonly choices: number;
  /** Whether the client's service config hedges. */
  readonly hedges: boolean;
  /** Whether the client retries: its service config does, or its interceptor `retry`. */
  readonly retries: boolean;
}

export interface JudgedLoad {
  readonly name: string;
  /** A stream that lasts as long as it is told to; its messages have latencies, it has none. */
  readonly longLived: boolean;
  /** Calls wait for those before them, so a slow service is offered fewer. */
  readonly isClosed: boolean;
  readonly hasDeadline: boolean;
}

export interface JudgedFault {
  /** `health-set`: what stands before the dash is its family. */
  readonly kind: string;
  readonly phase: string;
}

export interface JudgedBackend {
  readonly name: string;
  readonly tier: string;
  /** Whether service takes time, and a queue. */
  readonly hasCapacity: boolean;
  /** Whether checks of its own set its health. */
  readonly hasHealthChecks: boolean;
}
