/** The terminal report's table of all variants beside each other, phase by phase: the story. */
import { formatCount, formatMs, formatPerSecond, formatShare } from '../metrics/figures.js';
import type { CallCounts, PhaseSummary, VariantSummary } from '../metrics/summary.js';
import { okShare, ratio, us } from './terminal-phases.js';
import { ABSENT, left, right, type Style, table, titleRule } from './terminal-style.js';

/**
 * Undefined with a single variant, which has nothing to be beside, and where all loads are streams that
 * stay open: those have a table of their own.
 */
export function sideBySide(style: Style, variants: readonly VariantSummary[]): string | undefined {
  if (variants.length < 2 || isOfStreamsAlone(variants)) return undefined;
  const phases = [
    ...new Set(
      variants.flatMap((variant) =>
        variant.phases.filter(({ discard }) => !discard).map(({ name }) => name),
      ),
    ),
  ];
  const columns = [
    left('phase'),
    left('variant'),
    right('good/s'),
    right('OK'),
    right('not OK'),
    right('p50'),
    right('p99'),
    right('att./\ncall'),
    right('good/\natt.'),
    right('server time\nwasted'),
  ];
  const rows = phases.flatMap((name) => {
    const ran = variants.flatMap((variant) =>
      variant.phases
        .filter((phase) => phase.name === name)
        .map((phase) => ({ variant: variant.name, phase })),
    );
    return ran.flatMap(({ variant, phase }, index) => [
      [index === 0 ? name : '', variant, ...figuresOf(phase)],
      ...loadRows(style, phase),
    ]);
  });
  return `${titleRule(style, 'side by side')}\n\n${table(style, columns, rows)}`;
}

/** Where several loads were at work, each on its own: what one of them suffers, another may not. */
function loadRows(style: Style, { fromMs, toMs, loads }: PhaseSummary): string[][] {
  const atWork = loads.filter(({ calls }) => calls.offered > 0);
  if (atWork.length < 2) return [];
  const seconds = (toMs - fromMs) / 1e3;
  return atWork.map(({ name, calls, latencyUs }) =>
    [
      '',
      `  ${name}`,
      formatPerSecond(calls.good / seconds),
      okShare(calls),
      notOk(calls),
      us(latencyUs?.p50),
      us(latencyUs?.p99),
      '',
      '',
      '',
    ].map((cell) => style.paint.dim(cell)),
  );
}

function isOfStreamsAlone(variants: readonly VariantSummary[]): boolean {
  const phases = variants.flatMap((variant) => variant.phases);
  const hasMessages = phases.some(({ streams }) => (streams?.messagesReceived ?? 0) > 0);
  return hasMessages && phases.every(({ latencyUs }) => latencyUs === undefined);
}

function figuresOf(phase: PhaseSummary): string[] {
  const { calls, rates, latencyUs, attempts } = phase;
  return [
    formatPerSecond(rates.goodputPerSecond),
    okShare(calls),
    notOk(calls),
    us(latencyUs?.p50),
    us(latencyUs?.p99),
    ratio(attempts.amplification),
    ratio(attempts.efficiency),
    wasted(phase),
  ];
}

/** Of the calls offered: a share is rounded, and of many calls hides the few that were lost. */
function notOk({ byCode, offered, cancelledOnPurpose = 0 }: CallCounts): string {
  return offered === 0 ? ABSENT : formatCount(offered - (byCode.OK ?? 0) - cancelledOnPurpose);
}

/**
 * `1.2 s (41 %)`: of the time that servers served, as far as they know. Of what tiers served and nobody
 * waited for, which they cannot know, the number of calls: `0 ms + 38 for nobody`.
 */
function wasted({ deadline, server, tiers = [] }: PhaseSummary): string {
  const wastedMs = deadline?.wastedServerMs;
  if (wastedMs === undefined) return ABSENT;
  const servedMs = server?.servedMs ?? 0;
  const share = wastedMs === 0 || servedMs === 0 ? '' : ` (${formatShare(wastedMs / servedMs)})`;
  const outlived = tiers.reduce((sum, { outlived: count = 0 }) => sum + count, 0);
  const inVain = outlived === 0 ? '' : ` + ${formatCount(outlived)} for nobody`;
  return `${formatMs(wastedMs)}${share}${inVain}`;
}
