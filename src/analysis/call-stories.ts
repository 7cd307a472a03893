/**
 * Single calls that explain a phase: its slowest, and some by chance, with what their servers wrote down of
 * them put beside what their clients did.
 */
import { NS_PER_MS } from '../base/clock.js';
import type { LoadLine, SampledCall, ServedSample, TargetLine } from '../metrics/record.js';
import type { AttemptStory, CallStory } from '../metrics/summary.js';

/** Of a phase, of each sort. */
const STORIES_MAX = 3;

export interface CallStories {
  add(line: LoadLine): void;
  addTarget(line: TargetLine): void;
  /** @param nameOf a backend's name by its address. Undefined when nothing was written down. */
  in(phase: string, nameOf: (address: string) => string): CallStory[] | undefined;
}

interface Kept {
  slowest: SampledCall[];
  readonly chosen: SampledCall[];
}

interface Served extends ServedSample {
  readonly backend: string;
}

export function callStories(): CallStories {
  const byPhase = new Map<string, Kept>();
  const served = new Map<string, Served[]>();
  return {
    add({ samples = [] }) {
      for (const sample of samples) {
        const kept = byPhase.get(sample.phase) ?? { slowest: [], chosen: [] };
        byPhase.set(sample.phase, kept);
        if (sample.by === 'time') {
          kept.slowest.push(sample);
          kept.slowest.sort((a, b) => b.endUs - a.endUs);
          kept.slowest.length = Math.min(kept.slowest.length, STORIES_MAX);
        } else if (kept.chosen.length < STORIES_MAX) kept.chosen.push(sample);
      }
    },
    addTarget({ backend, samples = [] }) {
      for (const sample of samples) {
        const key = keyOf(sample);
        const known = served.get(key);
        if (known === undefined) served.set(key, [{ ...sample, backend }]);
        else known.push({ ...sample, backend });
      }
    },
    in(phase, nameOf) {
      const kept = byPhase.get(phase);
      return kept && [...kept.slowest, ...kept.chosen].map((call) => story(call, served, nameOf));
    },
  };
}

/** Loads count their calls each for itself; no two of them are due at one microsecond, but by chance. */
const keyOf = ({ call, dueUs }: Pick<SampledCall, 'call' | 'dueUs'>) => `${call}.${dueUs}`;

function story(
  { phase: _, attempts, dueUs, ...call }: SampledCall,
  served: ReadonlyMap<string, readonly Served[]>,
  nameOf: (address: string) => string,
): CallStory {
  const views = [...(served.get(keyOf({ call: call.call, dueUs })) ?? [])];
  views.sort((a, b) => a.receivedNs - b.receivedNs);
  const told = attempts?.map(({ backend: address, ...attempt }): AttemptStory => {
    const backend = nameOf(address);
    const index = views.findIndex((view) => view.backend === backend);
    const [view] = index < 0 ? [] : views.splice(index, 1);
    return { ...attempt, backend, ...(view && { server: serverSide(view, dueUs) }) };
  });
  return { ...call, dueMs: (dueUs * 1e3) / NS_PER_MS, ...(told && { attempts: told }) };
}

function serverSide(view: Served, dueUs: number): NonNullable<AttemptStory['server']> {
  const us = (ns: number) => Math.round(ns / 1e3 - dueUs);
  const { receivedNs, serviceFromNs, serviceToNs, endNs, status } = view;
  return {
    receivedUs: us(receivedNs),
    ...(serviceFromNs === undefined ? {} : { serviceFromUs: us(serviceFromNs) }),
    ...(serviceToNs === undefined ? {} : { serviceToUs: us(serviceToNs) }),
    endUs: us(endNs),
    ...(status === undefined ? {} : { status }),
  };
}
