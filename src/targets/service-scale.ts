/** What services of a backend are multiplied by: the product of all factors that act on them now. */
import type { NowNs } from '../base/clock.js';

/** A factor of so many ns after its beginning; above 0. */
export type FactorOverTime = (sinceNs: number) => number;

export interface ServiceScale {
  /** Begins a factor, now; the function that it returns takes it away, once. */
  add(factor: FactorOverTime): () => void;
  /** The service time that a request which arrives now gets in place of its own, in whole ns. */
  apply(serviceNs: number): number;
}

export function createServiceScale(now: NowNs): ServiceScale {
  const factors = new Set<{ readonly sinceNs: number; readonly at: FactorOverTime }>();
  return {
    add(at) {
      const factor = { sinceNs: now(), at };
      factors.add(factor);
      return () => void factors.delete(factor);
    },
    apply(serviceNs) {
      if (factors.size === 0) return serviceNs;
      const nowNs = now();
      let scaledNs = serviceNs;
      for (const { sinceNs, at } of factors) scaledNs *= at(nowNs - sinceNs);
      return Math.round(scaledNs);
    },
  };
}
