/**
 * A phase's figures, from its tallies.
 *
 * A phase that was cut short (an interrupted run, or one still going on) is as long as it lasted,
 * so that its rates are true.
 */
import { entryOf } from '../base/catalogue.js';
import type { AnyCallKind } from '../calls/call.js';
import { calls as callKinds } from '../calls/index.js';
import { mergedDurations } from '../metrics/merged-durations.js';
import type {
  BackendPoint,
  CallCounts,
  CpuSummary,
  DeadlineSummary,
  InterceptorSummary,
  LoadSummary,
  PhaseSummary,
  ProxySummary,
  ServerChatSummary,
  ServerSummary,
  TierSummary,
} from '../metrics/summary.js';
import type { VariantPlan } from '../scenarios/plan.js';
import type { PhaseWindow } from '../workers/spec.js';
import { attemptCounts, sumAttempts, totalAttempts } from './attempt-tally.js';
import { countedBeyond, countedByClient, type KnownBackend } from './backend-summaries.js';
import { type BusyTimes, withUtilisation } from './busy-tally.js';
import { emptyCallTally, mergeOf, sumCallCounts, withQueueFigures } from './call-tally.js';
import { fairnessOf } from './fairness.js';
import { littleOf } from './littles-law.js';
import type { PhaseTally } from './phase-tally.js';
import type { ServedBackends } from './served-tally.js';
import type { WastedWork } from './server-tally.js';
import { summariseStreams } from './stream-tally.js';
import { withDefined } from './with-defined.js';

const NS_PER_MS = 1e6;
const MS_PER_SECOND = 1e3;

export interface PhaseContext {
  readonly plan: VariantPlan;
  /** In the plan's order. */
  readonly backends: readonly KnownBackend[];
  /** What they say that they received, where that alone tells them apart. */
  readonly served?: ServedBackends | undefined;
  /** How long each backend was in service. */
  readonly busy: BusyTimes;
  readonly proxy?: ProxySummary | undefined;
  /** When the variant ended on the load clock, or as far as it got. */
  readonly endNs: number;
  readonly wasted: WastedWork | undefined;
  readonly chat: ServerChatSummary | undefined;
  /** @param calls that were started in the phase. */
  readonly tiers: (calls: number) => readonly TierSummary[] | undefined;
  readonly windows: PhaseSummary['windows'];
  readonly cpu: CpuSummary | undefined;
  readonly server: ServerSummary | undefined;
  readonly interceptors: readonly InterceptorSummary[] | undefined;
  readonly stories: PhaseSummary['stories'];
  readonly ejections: PhaseSummary['ejections'];
  /** Attempts on each backend over time; undefined where there is nothing to choose from, or nobody knows. */
  readonly points: readonly BackendPoint[] | undefined;
}

export function summarisePhase(
  { name, fromNs, toNs, discard }: PhaseWindow,
  tally: PhaseTally,
  context: PhaseContext,
): PhaseSummary {
  const { plan, backends, served, endNs, wasted, chat, tiers } = context;
  const { windows, cpu, server, proxy, interceptors, stories, ejections } = context;
  const fromMs = fromNs / NS_PER_MS;
  const toMs = Math.min(toNs, endNs) / NS_PER_MS;
  const tallies = [...tally.calls.values()];
  const counts = sumCallCounts(tallies.map((one) => one.counts));
  const calls = withQueueFigures(counts, plan.client.driver);
  const sorts = sumAttempts([...tally.attempts.values()].map((one) => one.counts));
  const counted =
    served === undefined
      ? countedByClient(tally, backends, totalAttempts(sorts))
      : countedBeyond(served.countedBy, served.backends, backends);
  const lengthNs = (toMs - fromMs) * NS_PER_MS;
  const backendSummaries = withUtilisation(counted, plan.backends, context.busy, lengthNs);
  return {
    name,
    fromMs,
    toMs,
    discard,
    calls,
    rates: ratesOf(calls, (toMs - fromMs) / MS_PER_SECOND),
    attempts: attemptCounts(sorts, calls),
    backends: backendSummaries,
    loads: plan.loads.length > 1 ? summariseLoads(plan, tally) : [],
    ...withDefined({
      latencyUs: mergeOf(tallies, ({ latency }) => latency).summarise(),
      serviceTimeUs: mergeOf(tallies, ({ serviceTime }) => serviceTime).summarise(),
      fairness: fairnessOf(
        backendSummaries.map(({ attempts }) => attempts),
        pointsWithin(context.points, fromMs, toMs),
      ),
      ejections,
      deadline: deadlineOf(plan, calls, tally, wasted),
      streams:
        tally.streams === undefined ? undefined : summariseStreams(tally.streams, hasReaders(plan)),
      chat,
      windows,
      cpu,
      tiers: tiers(calls.started),
      proxy,
      server,
      littlesLaw: littleOf(tallies, (toMs - fromMs) / MS_PER_SECOND),
      interceptors,
      stories,
    }),
  };
}

/** Of the intervals that lie in a phase, the attempts on each backend. */
function pointsWithin(points: readonly BackendPoint[] = [], fromMs: number, toMs: number) {
  return points
    .filter((point) => point.fromMs >= fromMs && point.toMs <= toMs)
    .map(({ attempts }) => Object.values(attempts));
}

function ratesOf({ offered, completed, good }: CallCounts, seconds: number) {
  const perSecond = (count: number) => (seconds > 0 ? count / seconds : 0);
  return {
    offeredPerSecond: perSecond(offered),
    throughputPerSecond: perSecond(completed),
    goodputPerSecond: perSecond(good),
  };
}

function summariseLoads(plan: VariantPlan, tally: PhaseTally): LoadSummary[] {
  return plan.loads.map(({ name }) => {
    const { counts, latency, serviceTime } = tally.calls.get(name) ?? emptyCallTally();
    return {
      name,
      calls: withQueueFigures(counts, plan.client.driver),
      ...withDefined({ latencyUs: latency.summarise(), serviceTimeUs: serviceTime.summarise() }),
    };
  });
}

/** Streams that stay open are read; an upload has no reader but its server. */
function hasReaders({ loads }: VariantPlan): boolean {
  return loads.some(({ call }) => entryOf<AnyCallKind>(callKinds, call.kind).longLived);
}

/** Only where a load has a deadline. */
function deadlineOf(
  plan: VariantPlan,
  calls: CallCounts,
  { calls: byLoad }: PhaseTally,
  wasted: WastedWork | undefined,
): DeadlineSummary | undefined {
  const loads = plan.loads.filter(({ deadlineNs }) => deadlineNs !== undefined);
  if (loads.length === 0) return undefined;
  const tallies = loads
    .filter(({ call }) => !entryOf<AnyCallKind>(callKinds, call.kind).longLived)
    .map(({ name }) => byLoad.get(name) ?? emptyCallTally());
  const overshoot = mergedDurations();
  for (const tally of tallies) overshoot.add(tally.overshoot.encoded());
  return {
    calls: mergeOf(tallies, ({ serviceTime }) => serviceTime).summarise()?.count ?? 0,
    cutOff: sumCallCounts(tallies.map(({ counts }) => counts)).abandoned,
    exceeded: calls.byCode.DEADLINE_EXCEEDED ?? 0,
    ...withDefined({ overshootUs: overshoot.summarise() }),
    // Nobody knows what servers of others wasted.
    ...(plan.backends.every(({ external }) => external !== undefined)
      ? {}
      : {
          wastedServerMs: (wasted?.serverNs ?? 0) / NS_PER_MS,
          wastedRequests: wasted?.requests ?? 0,
        }),
  };
}
