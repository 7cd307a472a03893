/**
 * The terminal report's table of what calls ended with, variant beside variant, in phases that hold several
 * of them, to a table of statuses: where all did the same that is one row, where they did not, one for each.
 *
 *   phase              may end               variant  ended
 *   rst-CANCEL         CANCELLED             all      CANCELLED
 *   rst-while-sending  INTERNAL              grpc-js  DEADLINE_EXCEEDED 8
 *                                            wire     INTERNAL 8
 */
import { formatCount } from '../metrics/figures.js';
import type { CheckResult, VariantSummary } from '../metrics/summary.js';
import {
  ABSENT,
  left,
  paintVerdict,
  type Style,
  table,
  titleRule,
  wrap,
} from './terminal-style.js';

/** Ends the names of such checks. */
export const STATUS_TABLE_SUFFIX = '/status-table';
/** Columns for phase, variant and what lies between; the other two share the rest. */
const REST_WIDTH = 46;

interface Row {
  readonly variant: string;
  readonly check: CheckResult;
  readonly statuses: readonly (readonly [string, number])[];
}

/** Undefined with a single variant, and where no phase holds any to such a table. */
export function statusesSideBySide(
  style: Style,
  variants: readonly VariantSummary[],
): string | undefined {
  if (variants.length < 2) return undefined;
  const names = new Set(variants.flatMap(({ phases }) => phases.map(({ name }) => name)));
  const groups = [...names]
    .map((name) => ({ name, rows: rowsOf(name, variants) }))
    .filter(({ rows }) => rows.length > 0);
  if (groups.length === 0) return undefined;
  const width = Math.max(20, Math.floor((style.width - REST_WIDTH) / 2));
  const cells = groups.flatMap(({ name, rows }) =>
    linesOf(style, rows, variants.length).map(({ variant, allowed, ended, mark }, index) => [
      index === 0 ? name : '',
      wrap(allowed, width).join('\n'),
      variant,
      [...wrap(ended, width), ...mark].join('\n'),
    ]),
  );
  const columns = [left('phase'), left('may end'), left('variant'), left('ended')];
  return `${titleRule(style, 'statuses side by side')}\n\n${table(style, columns, cells)}`;
}

function rowsOf(name: string, variants: readonly VariantSummary[]): Row[] {
  return variants.flatMap(({ name: variant, phases, checks }) => {
    const phase = phases.find((one) => one.name === name);
    const check = checks.find((one) => one.name === `${name}${STATUS_TABLE_SUFFIX}`);
    if (phase === undefined || check === undefined) return [];
    const statuses = Object.entries(phase.calls.byCode)
      .filter(([, count]) => count > 0)
      .sort(([a], [b]) => a.localeCompare(b));
    return [{ variant, check, statuses }];
  });
}

/**
 * One line where all variants ended with the same statuses, however often, were allowed the same, and kept to
 * it. Counts are of those that are listed alone.
 */
function linesOf({ paint }: Style, rows: readonly Row[], variants: number) {
  const kinds = new Set(
    rows.map(({ statuses, check: { expected, verdict } }) =>
      [expected, verdict, ...statuses.map(([name]) => name)].join(),
    ),
  );
  const isOfAll = kinds.size === 1 && rows.length === variants;
  const listed = isOfAll ? rows.slice(0, 1) : rows;
  return listed.map(({ variant, check: { expected, verdict }, statuses }) => {
    const named = statuses.map(([name, count]) =>
      isOfAll ? name : `${name}\u00a0${formatCount(count)}`,
    );
    const mark = verdict === 'pass' ? [] : [paintVerdict(paint, verdict)];
    return {
      variant: isOfAll ? 'all' : variant,
      allowed: expected,
      ended: named.join(', ') || ABSENT,
      mark,
    };
  });
}
