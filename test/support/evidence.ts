/** Evidence for checks that compare, from made-up findings and durations. */
import type { VariantFindings } from '../../src/checks/check.js';
import type { DurationsWanted, Evidence } from '../../src/checks/evidence.js';
import type { EncodedHistogram } from '../../src/metrics/histogram.js';

export interface MadeUp {
  readonly variants?: readonly VariantFindings[];
  readonly durations?: (wanted: DurationsWanted) => EncodedHistogram | undefined;
  /** Times since a server told that it is not serving, by backend. */
  readonly unhealthy?: Readonly<Record<string, EncodedHistogram>>;
}

export const someEvidence = (made: MadeUp = {}): Evidence => ({
  variant: (name) => made.variants?.find((one) => one.name === name),
  durations: (wanted) => made.durations?.(wanted),
  unhealthyArrivals: () =>
    Object.entries(made.unhealthy ?? {}).map(([backend, sinceTold]) => ({ backend, sinceTold })),
});
