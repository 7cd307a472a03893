/**
 * The terminal report's table of what the checks found, variant beside variant: one row where all found the
 * same, and one for each where they did not.
 *
 *   verdict  check               variant       value  expected
 *   ✔ pass   flapping/misroutes  stock           358  >= 20
 *   ✔ pass                       health-aware      0  <= 0
 *   ✔ pass   calm/success-rate   all           100 %  >= 100 %
 */
import type { CheckResult, VariantSummary } from '../metrics/summary.js';
import { expectedOf, foundOf } from './terminal-claims.js';
import { STATUS_TABLE_SUFFIX } from './terminal-statuses-side-by-side.js';
import { left, paintVerdict, right, type Style, table, titleRule } from './terminal-style.js';

interface Row {
  readonly variant: string;
  readonly check: CheckResult;
}

/** Undefined without two variants that have checks, and where no check says more than its statuses do. */
export function checksSideBySide(
  style: Style,
  variants: readonly VariantSummary[],
): string | undefined {
  if (variants.filter(({ checks }) => checks.length > 0).length < 2) return undefined;
  const found = variants.flatMap(({ name: variant, checks }) =>
    checks.filter(isOfValue).map((check): Row => ({ variant, check })),
  );
  const names = [...new Set(found.map(({ check }) => check.name))];
  const cells = names.flatMap((name) =>
    told(
      found.filter(({ check }) => check.name === name),
      variants.length,
    ).map(({ variant, check }, index) => [
      paintVerdict(style.paint, check.verdict),
      index === 0 ? style.paint.bold(name) : '',
      variant,
      foundOf(check),
      expectedOf(check),
    ]),
  );
  if (cells.length === 0) return undefined;
  const columns = [
    left('verdict'),
    left('check'),
    left('variant'),
    right('value'),
    left('expected'),
  ];
  return `${titleRule(style, 'checks side by side')}\n\n${table(style, columns, cells)}`;
}

/** Statuses have a table of their own. */
const isOfValue = ({ name }: CheckResult) => !name.includes(STATUS_TABLE_SUFFIX);

/** One row for all variants, where all of them say the same. */
function told(rows: readonly Row[], variants: number): readonly Row[] {
  const [first] = rows;
  const kinds = new Set(
    rows.map(({ check }) => [check.verdict, foundOf(check), check.expected].join()),
  );
  if (first === undefined || rows.length < variants || kinds.size > 1) return rows;
  return [{ ...first, variant: 'all' }];
}
