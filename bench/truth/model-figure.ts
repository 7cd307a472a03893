/**
 * What the model makes of a plan's draws, and how far chance would have moved it: the same figure under
 * many other seeds. That spread takes in everything that makes a run's figure unsure (its length, calls
 * that depend on each other, a skewed distribution), for any figure, without a formula for its variance.
 */
import { NS_PER_SECOND } from '../../src/base/clock.js';
import type { VariantPlan } from '../../src/scenarios/plan.js';
import { type DrawnCalls, type DrawnLoad, drawCalls } from './drawn-calls.js';
import { deviationOf } from './interval.js';
import { WARM_UP_SECONDS } from './product-run.js';

/** How long each call takes, in ns; NaN for one that is refused. */
export type Simulate = (calls: DrawnCalls, load: DrawnLoad) => Float64Array;

/** The calls of the measured phase, each with its latency. */
export interface ModelPath {
  readonly calls: DrawnCalls;
  readonly latencyNs: Float64Array;
}

/** A figure as the product would report it. */
export type Figure = (path: ModelPath) => number;

/** Other seeds: the standard error is then itself known to 5 %. */
const REPLICATES = 200;

export interface ModelFigure {
  readonly model: number;
  readonly standardError: number;
}

/** The load of a product run, as the model needs it. */
export function loadOf({ loads, backends, durationNs }: VariantPlan, seed: number): DrawnLoad {
  const [load] = loads;
  const serviceTime = backends[0]?.capacity?.serviceTime ?? { kind: 'fixed', ns: 0 };
  if (load === undefined) throw new Error('a plan has at least one load');
  return { seed, name: load.name, arrivals: load.arrivals, serviceTime, durationNs };
}

/** What a load with its own seed makes of a figure, and the spread under others. */
export function modelFigure(load: DrawnLoad, simulate: Simulate, figure: Figure): ModelFigure {
  const under = (seed: number) => figure(measuredPath({ ...load, seed }, simulate));
  const others = Array.from({ length: REPLICATES }, (_, i) => under(load.seed + 1 + i));
  return { model: under(load.seed), standardError: deviationOf(others) };
}

/** The path of a load, its warm-up played and left out. */
export function measuredPath(load: DrawnLoad, simulate: Simulate): ModelPath {
  const calls = drawCalls(load);
  const latencyNs = simulate(calls, load);
  const from = calls.dueNs.findIndex((dueNs) => dueNs >= WARM_UP_SECONDS * NS_PER_SECOND);
  return {
    calls: { dueNs: calls.dueNs.subarray(from), serviceNs: calls.serviceNs.subarray(from) },
    latencyNs: latencyNs.subarray(from),
  };
}
