/** The terminal report's table of a chain's tiers: what each got for every call of the client. */
import { formatCount, formatMs } from '../metrics/figures.js';
import type { PhaseSummary, TierSummary } from '../metrics/summary.js';
import { ratio } from './terminal-phases.js';
import { ABSENT, left, right, type Style, table, wrap } from './terminal-style.js';

/** Columns of what a tier answered. */
const ENDS_WIDTH = 36;

/** Undefined where there is but the front tier. */
export function tierTable(style: Style, phases: readonly PhaseSummary[]): string | undefined {
  const rows = phases.flatMap(({ name, discard, tiers = [] }) =>
    tiers.map((tier, index) => [
      index > 0 ? '' : discard ? `${name} *` : name,
      tier.name,
      formatCount(tier.attempts),
      ratio(tier.amplification),
      ratio(tier.hopAmplification),
      wrap(describeEnds(tier), ENDS_WIDTH).join('\n'),
      formatMs(tier.wastedServerMs),
      tier.outlived === undefined ? '' : formatCount(tier.outlived),
    ]),
  );
  if (rows.length === 0) return undefined;
  const columns = [
    left('phase'),
    left('tier'),
    right('attempts'),
    right('per\ncall'),
    right('by\nhop'),
    left('answered'),
    right('time\nwasted'),
    right('for\nnobody'),
  ];
  return table(style, columns, rows);
}

/** The most frequent two statuses, and how many nobody waited for. */
function describeEnds({ byCode, cancelled }: TierSummary): string {
  const codes = Object.entries(byCode).sort(([, a], [, b]) => b - a);
  const parts = codes.slice(0, 2).map(([code, count]) => `${code}\u00a0${formatCount(count)}`);
  const rest = codes.slice(2).reduce((sum, [, count]) => sum + count, 0);
  if (rest > 0) parts.push(`others\u00a0${formatCount(rest)}`);
  if (cancelled > 0) parts.push(`given\u00a0up\u00a0${formatCount(cancelled)}`);
  return parts.length === 0 ? ABSENT : parts.join(', ');
}
