/** What name resolution told the clients over time, worker by worker, and how often they asked. */
import type { DiscoverySaid, EventLine, LoadLine } from '../metrics/record.js';
import type { DiscoverySpan, DiscoverySummary } from '../metrics/summary.js';
import type { VariantPlan } from '../scenarios/plan.js';
import { isOfDiscovery } from '../workers/client-discovery.js';

const NS_PER_MS = 1e6;

export interface DiscoveryTally {
  addLoad(line: LoadLine): void;
  addEvent(line: EventLine): void;
  /**
   * @param endNs how far the variant got.
   * @returns undefined when no fault acts on name resolution.
   */
  summarise(endNs: number): DiscoverySummary | undefined;
}

/** What is said from a moment of the load clock on. */
interface Turn {
  readonly atNs: number;
  readonly said: DiscoverySaid;
}

export function discoveryTally({ backends, faults }: VariantPlan): DiscoveryTally {
  const isFaulty = faults.some(isOfDiscovery);
  const all: DiscoverySaid = { backends: backends.map(({ name }) => name) };
  /** By worker; one that was told nothing new has no turns. */
  const turns = new Map<string, Turn[]>();
  let asked = 0;
  let told = 0;
  const turnsOf = (worker: string) => {
    const known = turns.get(worker) ?? [];
    turns.set(worker, known);
    return known;
  };
  return {
    addLoad({ worker, discovery }) {
      if (discovery === undefined) return;
      turnsOf(`worker ${worker}`);
      asked += discovery.asked;
      told += discovery.told;
    },
    addEvent({ kind, atNs, subject, discovery }) {
      if (kind !== 'discovery' || subject === undefined || discovery === undefined) return;
      turnsOf(subject).push({ atNs, said: discovery });
    },
    summarise(endNs) {
      if (!isFaulty) return undefined;
      const workers = [...turns].sort(([a], [b]) => numberIn(a) - numberIn(b));
      const timelines = workers.map(([worker, own]) => ({
        worker,
        spans: spansOf([{ atNs: 0, said: all }, ...own.toSorted(byTime)], endNs),
      }));
      return { asked, told, timelines };
    },
  };
}

const byTime = (a: Turn, b: Turn) => a.atNs - b.atNs;
const numberIn = (worker: string) => Number(/\d+/.exec(worker)?.[0] ?? 0);

/** Each turn's stretch to the next, or to the end; without those that lasted no time. */
function spansOf(turns: readonly Turn[], endNs: number): DiscoverySpan[] {
  return turns.flatMap(({ atNs, said }, index): DiscoverySpan[] => {
    const untilNs = Math.min(turns[index + 1]?.atNs ?? endNs, endNs);
    if (untilNs <= atNs) return [];
    return [{ fromMs: atNs / NS_PER_MS, toMs: untilNs / NS_PER_MS, said }];
  });
}
