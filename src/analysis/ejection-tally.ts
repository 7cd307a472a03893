/**
 * What outlier detection did to each backend: how often its clients ejected it, and how much of the time it was
 * out for them. Each channel of each worker ejects for itself.
 */
import type { EventLine, LoadLine } from '../metrics/record.js';
import type { EjectionSummary } from '../metrics/summary.js';
import type { VariantPlan } from '../scenarios/plan.js';

const NS_PER_MS = 1e6;

export interface EjectionTally {
  addLoad(line: LoadLine): void;
  addEvent(line: EventLine): void;
  /** @returns undefined where nobody was out between the two moments of the load clock. */
  between(fromNs: number, toNs: number): EjectionSummary[] | undefined;
}

/** Of one client and one backend. */
interface Turn {
  readonly atNs: number;
  readonly isEjected: boolean;
}

export function ejectionTally({ client, backends }: VariantPlan): EjectionTally {
  const workers = new Set<number>();
  /** By backend, then by client. */
  const turns = new Map<string, Map<string, Turn[]>>();
  return {
    addLoad: ({ worker }) => workers.add(worker),
    addEvent({ subject, atNs, ejection }) {
      if (ejection === undefined || subject === undefined) return;
      const ofBackend = turns.get(subject) ?? new Map<string, Turn[]>();
      turns.set(subject, ofBackend);
      const own = ofBackend.get(ejection.client) ?? [];
      ofBackend.set(ejection.client, own);
      own.push({ atNs, isEjected: ejection.isEjected });
    },
    between(fromNs, toNs) {
      const clients = client.channels * workers.size;
      const summaries = backends.flatMap(({ name }) => {
        const all = [...(turns.get(name)?.values() ?? [])];
        return summarise(name, all, clients, fromNs, toNs) ?? [];
      });
      return summaries.length === 0 ? undefined : summaries;
    },
  };
}

function summarise(
  backend: string,
  byClient: readonly (readonly Turn[])[],
  clients: number,
  fromNs: number,
  toNs: number,
): EjectionSummary | undefined {
  const within = byClient.flat().filter(({ atNs }) => atNs >= fromNs && atNs < toNs);
  const ejections = within.filter(({ isEjected }) => isEjected);
  const outNs = byClient.reduce((sum, turns) => sum + timeOut(turns, fromNs, toNs), 0);
  if (within.length === 0 && outNs === 0) return undefined;
  const first = Math.min(...ejections.map(({ atNs }) => atNs));
  return {
    backend,
    ejected: ejections.length,
    letBackIn: within.length - ejections.length,
    ...(ejections.length === 0 ? {} : { firstMs: first / NS_PER_MS }),
    outShare: outNs / (clients * (toNs - fromNs)),
  };
}

/** Between the two moments. */
function timeOut(turns: readonly Turn[], fromNs: number, toNs: number): number {
  let sumNs = 0;
  let outFromNs: number | undefined;
  for (const { atNs, isEjected } of turns.toSorted((a, b) => a.atNs - b.atNs)) {
    if (outFromNs !== undefined) sumNs += overlap(outFromNs, atNs, fromNs, toNs);
    outFromNs = isEjected ? atNs : undefined;
  }
  return sumNs + (outFromNs === undefined ? 0 : overlap(outFromNs, toNs, fromNs, toNs));
}

function overlap(fromNs: number, toNs: number, atLeastNs: number, atMostNs: number): number {
  return Math.max(0, Math.min(toNs, atMostNs) - Math.max(fromNs, atLeastNs));
}
