/**
 * Attempts that arrive at a server which says of itself that it is not serving: how long it had been
 * saying so by then. A client that listens sends none, but for those that were on their way.
 *
 * By name: the whole server, and its service. A method's own status is not looked at, since that would
 * have to be asked of every attempt.
 */
import type { NowNs } from '../base/clock.js';
import type { ServingStatus } from '../base/serving-status.js';
import { DurationHistogram, type EncodedHistogram } from '../metrics/histogram.js';
import { serviceOfMethod } from './health-names.js';

export interface UnhealthyArrivals {
  /** Whether any name is not serving now: asked of every attempt, so that nothing else is. */
  isAny: boolean;
  /** What the server says of some names has changed. */
  changed(names: readonly string[], status: ServingStatus | undefined): void;
  /** An attempt arrived. */
  arrived(): void;
  /** By name, since the last call; names without any are left out. */
  take(): Record<string, EncodedHistogram>;
}

interface Unhealthy {
  readonly sinceNs: number;
  readonly arrivals: DurationHistogram;
}

export function createUnhealthyArrivals(now: NowNs): UnhealthyArrivals {
  const unhealthy = new Map<string, Unhealthy>();
  /** Of names that serve again, and were not read out yet. */
  const over = new Map<string, DurationHistogram>();
  const self: UnhealthyArrivals = {
    isAny: false,
    changed(names, status) {
      for (const name of names.filter((one) => serviceOfMethod(one) === undefined)) {
        const known = unhealthy.get(name);
        if (status === 'SERVING' && known !== undefined) {
          unhealthy.delete(name);
          addTo(over, name, known.arrivals);
        } else if (status !== 'SERVING' && known === undefined) {
          unhealthy.set(name, { sinceNs: now(), arrivals: new DurationHistogram() });
        }
      }
      self.isAny = unhealthy.size > 0;
    },
    arrived() {
      const nowNs = now();
      for (const { sinceNs, arrivals } of unhealthy.values()) arrivals.record(nowNs - sinceNs);
    },
    take() {
      for (const [name, { arrivals }] of unhealthy) {
        const copy = new DurationHistogram();
        copy.add(arrivals);
        addTo(over, name, copy);
        arrivals.reset();
      }
      const taken = [...over].filter(([, { count }]) => count > 0);
      const encoded = Object.fromEntries(taken.map(([name, one]) => [name, one.encode()]));
      for (const histogram of over.values()) histogram.destroy();
      over.clear();
      return encoded;
    },
  };
  return self;
}

/** Keeps a histogram under its name, or adds it to the one that is there and frees it. */
function addTo(all: Map<string, DurationHistogram>, name: string, one: DurationHistogram): void {
  const known = all.get(name);
  if (known === undefined) {
    all.set(name, one);
    return;
  }
  known.add(one);
  one.destroy();
}
