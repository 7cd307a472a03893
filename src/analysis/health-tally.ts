/**
 * Health over time as a client saw it, and how long after each change of a server's it did.
 *
 *   server    SERVING ────┤ NOT_SERVING ──────┤ SERVING ───
 *   client    SERVING ──────┤ NOT_SERVING ──────┤ SERVING ─
 *                         │←│ seen after        │←│
 */
import type { ServingStatus } from '../base/serving-status.js';
import { DurationHistogram } from '../metrics/histogram.js';
import type { EventLine } from '../metrics/record.js';
import type { HealthSpan, HealthSummary, HealthTimeline } from '../metrics/summary.js';
import { namesForClients, type VariantPlan } from '../scenarios/plan.js';
import { withDefined } from './with-defined.js';

const NS_PER_MS = 1e6;

export interface HealthTally {
  add(line: EventLine): void;
  /**
   * @param endNs how far the variant got; changes of servers from then on are nobody's to see.
   * @returns undefined when no client watched.
   */
  summarise(endNs: number): HealthSummary | undefined;
}

/** A change to a status, on the load clock. */
interface Turn {
  readonly atNs: number;
  readonly to: ServingStatus;
}

/** What is known of one name on one backend. */
interface Watched {
  readonly backend: string;
  readonly service: string;
  /** As the server made them, and as the client saw them. */
  readonly made: Turn[];
  readonly seen: Turn[];
}

export function healthTally(plan: VariantPlan): HealthTally {
  const watched = namesForClients(plan).flatMap((backend) =>
    (plan.client.watchHealth ?? []).map(
      (service): Watched => ({ backend, service, made: [], seen: [] }),
    ),
  );
  return {
    add({ kind, subject, atNs, health }) {
      if (health === undefined) return;
      for (const { backend, service, made, seen } of watched) {
        if (backend !== subject || !health.services.includes(service)) continue;
        (kind === 'health.seen' ? seen : made).push({ atNs, to: health.to });
      }
    },
    summarise(endNs) {
      if (watched.length === 0) return undefined;
      const delays = watched.flatMap((one) => delaysOf(one, endNs));
      const known = delays.filter((delay) => delay !== undefined);
      return {
        timelines: watched.map((one) => timelineOf(one, endNs)),
        ...withDefined({ seenAfterUs: distributionOf(known) }),
        unseen: delays.length - known.length,
      };
    },
  };
}

const byTime = (a: Turn, b: Turn) => a.atNs - b.atNs;

/** UNKNOWN until something is seen. */
function timelineOf({ backend, service, seen }: Watched, endNs: number): HealthTimeline {
  const turns: Turn[] = [{ atNs: 0, to: 'UNKNOWN' }, ...seen.toSorted(byTime)];
  const spans = turns.flatMap(({ atNs, to }, index): HealthSpan[] => {
    // What was seen before the clock's zero lasts from it.
    const fromNs = Math.max(atNs, 0);
    const untilNs = Math.min(turns[index + 1]?.atNs ?? endNs, endNs);
    if (untilNs <= fromNs) return [];
    return [{ fromMs: fromNs / NS_PER_MS, toMs: untilNs / NS_PER_MS, status: to }];
  });
  return { backend, service, spans };
}

/**
 * For each change that the server made, how long in ns until the client saw it; undefined when it
 * did not before the server said the same once more. Watch keeps the order, so each sight is of one
 * change only.
 */
function delaysOf({ made, seen }: Watched, endNs: number): (number | undefined)[] {
  const changes = made.filter(({ atNs }) => atNs < endNs).sort(byTime);
  const sights = seen.toSorted(byTime);
  let next = 0;
  return changes.map(({ atNs, to }, index) => {
    const again = changes.find((later, other) => other > index && later.to === to);
    const sight = sights.findIndex(
      (one, at) =>
        at >= next && one.to === to && one.atNs >= atNs && one.atNs < (again?.atNs ?? Infinity),
    );
    if (sight === -1) return undefined;
    next = sight + 1;
    return (sights[sight]?.atNs ?? atNs) - atNs;
  });
}

function distributionOf(delaysNs: readonly number[]) {
  const histogram = new DurationHistogram();
  for (const ns of delaysNs) histogram.record(ns);
  const summary = histogram.summarise();
  histogram.destroy();
  return summary;
}
