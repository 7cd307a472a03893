/** The terminal report's tables of claims: checks and gates, each with why it came out so. */
import { formatValue } from '../metrics/figures.js';
import type { CheckResult, GateResult, Verdict } from '../metrics/summary.js';
import { ABSENT, left, paintVerdict, right, type Style, table, wrap } from './terminal-style.js';

interface Claim {
  readonly verdict: Verdict;
  readonly title: string;
  readonly why: string;
  readonly value: string;
  readonly expected?: string;
}

export function checkTable(style: Style, checks: readonly CheckResult[]): string {
  const claims = checks.map(({ verdict, name, why, value, unit, expected }) => ({
    verdict,
    title: name,
    why,
    value: value === undefined ? ABSENT : formatValue(value, unit),
    expected,
  }));
  return claimTable(style, 'check', claims);
}

/** Gates need no column for what was expected: their expression says it. */
export function gateTable(style: Style, gates: readonly GateResult[]): string {
  const claims = gates.map(({ verdict, expression, scope, why, value, unit, source }) => ({
    verdict,
    title: `${expression}  ·  ${scope}`,
    why: verdict === 'pass' ? why : `${why} (${source.file}:${source.line})`,
    value: value === undefined ? ABSENT : formatValue(value, unit),
  }));
  return claimTable(style, 'gate', claims);
}

function claimTable(style: Style, what: string, claims: readonly Claim[]): string {
  const hasExpected = claims.some(({ expected }) => expected !== undefined);
  const expectedOf = ({ expected = '' }: Claim) => expected.replaceAll(' and ', '\nand ');
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
  const expectedWidth = hasExpected ? widest('expected', claims.map(expectedOf)) + 2 : 0;
  const titleWidth = style.width - 2 - verdictWidth - valueWidth - expectedWidth - 4;
  const rows = claims.map((claim) => {
    const title = wrap(claim.title, titleWidth).map((line) => style.paint.bold(line));
    const why = wrap(claim.why, titleWidth).map((line) => style.paint.dim(line));
    return [
      paintVerdict(style.paint, claim.verdict),
      [...title, ...why].join('\n'),
      claim.value,
      ...(hasExpected ? [expectedOf(claim)] : []),
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
