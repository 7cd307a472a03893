/** The terminal report's tables of claims: checks and gates, each with why it came out so. */
import { formatValue } from '../metrics/figures.js';
import type { CheckResult, GateResult, Verdict } from '../metrics/summary.js';
import { ABSENT, left, paintVerdict, right, type Style, table, wrap } from './terminal-style.js';

interface Claim {
  readonly verdict: Verdict;
  readonly title: string;
  readonly shows?: string;
  readonly why: string;
  readonly value: string;
  readonly expected?: string;
}

export function checkTable(style: Style, checks: readonly CheckResult[]): string {
  const claims = checks.map((check) => {
    const { verdict, name, shows, why } = check;
    return {
      ...{ verdict, title: name, why, value: foundOf(check), expected: expectedOf(check) },
      ...(shows === undefined ? {} : { shows }),
    };
  });
  return claimTable(style, 'check', claims);
}

/** What a check found, as its column shows it: a line for each part. */
export function foundOf({ shown, value, unit }: CheckResult): string {
  if (shown !== undefined) return broken(shown);
  return value === undefined ? ABSENT : formatValue(value, unit);
}

/** What was expected, broken like what was found, so that each bound stands beside its figure. */
export const expectedOf = ({ expected }: CheckResult) => broken(expected);

const broken = (text: string) => text.replaceAll(' and ', '\nand ');

/**
 * A gate is one claim about several variants: its expression once, then each variant's value. Why is
 * told of those that did not pass; of the others the expression and the value say it all.
 */
export function gateTable(style: Style, gates: readonly GateResult[]): string {
  const expressions = [...new Set(gates.map(({ expression }) => expression))];
  const rows = expressions.flatMap((expression) => {
    const results = gates.filter((gate) => gate.expression === expression);
    const verdict = VERDICTS_WORST_FIRST.find((one) =>
      results.some((gate) => gate.verdict === one),
    );
    const head = [paintVerdict(style.paint, verdict ?? 'pass'), style.paint.bold(expression), ''];
    return [head, ...results.map((gate) => gateRow(style, gate))];
  });
  return table(style, [left('verdict'), left('gate'), right('value')], rows);
}

const VERDICTS_WORST_FIRST: readonly Verdict[] = ['fail', 'inconclusive', 'pass'];

function gateRow(style: Style, { verdict, scope, why, value, unit, source }: GateResult): string[] {
  const told = `${why} (${source.file}:${source.line})`;
  const whyLines = wrap(told, style.width - VERDICT_AND_VALUE_WIDTH).map((line) => `  ${line}`);
  const lines = verdict === 'pass' ? [scope] : [scope, ...whyLines];
  return [
    '',
    lines.map((line) => style.paint.dim(`  ${line}`)).join('\n'),
    value === undefined ? ABSENT : formatValue(value, unit),
  ];
}

/** Room for the columns on both sides of a gate, with a value such as `99.97 %`. */
const VERDICT_AND_VALUE_WIDTH = 36;

function claimTable(style: Style, what: string, claims: readonly Claim[]): string {
  const hasExpected = claims.some(({ expected }) => expected !== undefined);
  const widest = (title: string, texts: readonly string[]) =>
    Math.max(title.length, ...texts.flatMap((text) => text.split('\n')).map((line) => line.length));
  const verdictWidth = widest(
    'verdict',
    claims.map(({ verdict }) => `? ${verdict}`),
  );
  const valueWidth = widest(
    'value',
    claims.map(({ value }) => value),
  );
  const expectedWidth = hasExpected
    ? widest(
        'expected',
        claims.map(({ expected = '' }) => expected),
      ) + 2
    : 0;
  const titleWidth = style.width - 2 - verdictWidth - valueWidth - expectedWidth - 4;
  const rows = claims.map((claim) => {
    const title = wrap(claim.title, titleWidth).map((line) => style.paint.bold(line));
    const shows = claim.shows === undefined ? [] : wrap(claim.shows, titleWidth);
    const why = wrap(claim.why, titleWidth).map((line) => style.paint.dim(line));
    return [
      paintVerdict(style.paint, claim.verdict),
      [...title, ...shows, ...why].join('\n'),
      claim.value,
      ...(hasExpected ? [claim.expected ?? ''] : []),
    ];
  });
  const columns = [
    left('verdict'),
    left(what),
    right('value'),
    ...(hasExpected ? [left('expected')] : []),
  ];
  return table(style, columns, rows);
}
