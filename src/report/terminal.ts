/** The report of a run for people at a terminal, or reading a CI log. */
import { formatCount, formatMs } from '../metrics/figures.js';
import type { Outcome, Summary, VariantSummary, Verdict } from '../metrics/summary.js';
import { withPlainText } from './plain-text.js';
import { answerBlock } from './terminal-answer.js';
import { checksSideBySide } from './terminal-checks-side-by-side.js';
import { gateTable } from './terminal-claims.js';
import { chainCosts } from './terminal-interceptors.js';
import { balancingSideBySide } from './terminal-proxy.js';
import { sideBySide } from './terminal-side-by-side.js';
import { spreadSideBySide } from './terminal-spread.js';
import { statusesSideBySide } from './terminal-statuses-side-by-side.js';
import { streamsSideBySide } from './terminal-streams-side-by-side.js';
import { type Style, styleOf, wrap } from './terminal-style.js';
import { variantSection } from './terminal-variant.js';
import { wordsUsed } from './terminal-words.js';

export interface TerminalOptions {
  readonly colour: boolean;
  /** Columns; below 60 it is laid out for 60. */
  readonly width: number;
}

/**
 * The whole report; ends with a line end. Control characters in the summary's texts are left out.
 */
export function renderTerminal(summary: Summary, options: TerminalOptions): string {
  const style = styleOf(options);
  const plain = withPlainText(summary);
  const blocks = [
    heading(style, plain),
    ...plain.variants.map((variant) => variantSection(style, variant)),
    sideBySide(style, plain.variants),
    spreadSideBySide(style, plain.variants),
    streamsSideBySide(style, plain.variants),
    statusesSideBySide(style, plain.variants),
    checksSideBySide(style, plain.variants),
    balancingSideBySide(style, plain.variants),
    chainCosts(style, plain.variants),
    wordsUsed(style, plain.variants),
    plain.gates.length === 0 ? undefined : gateTable(style, plain.gates),
    answerBlock(style, plain),
    outcomeLine(style, plain),
  ];
  return `${blocks.filter((block) => block !== undefined).join('\n\n')}\n`;
}

function heading({ paint, width }: Style, { run }: Summary): string {
  const { host } = run;
  const facts = [
    `seed ${run.seed}`,
    formatMs(run.durationMs),
    run.startedAt,
    ...(run.quick ? ['quick: few figures, the same shape'] : []),
  ];
  const cores = host.cores === 1 ? '1 core' : `${formatCount(host.cores)} cores`;
  const programs = [
    `node ${host.node}`,
    ...(host.grpcJs === undefined ? [] : [`grpc-js ${host.grpcJs}`]),
    `grpc-squall ${run.version}`,
  ];
  // A line ends between two of them, not within one.
  const machine = [host.cpu, cores, host.os, ...programs].map((one) =>
    one.replaceAll(' ', '\u00a0'),
  );
  return [
    `${paint.bold(run.scenario)}  ·  ${facts.join('  ·  ')}`,
    ...wrap(run.summary, width),
    ...wrap(machine.join('  ·  '), width).map((line) => paint.dim(line)),
  ].join('\n');
}

function outcomeLine({ paint, width }: Style, summary: Summary): string {
  const { verdict, exitCode } = summary.outcome;
  const painted = paintOutcome(paint, verdict);
  const [first = '', ...rest] = wrap(`(exit ${exitCode}): ${describe(summary)}`, width - 8);
  return [`${painted} ${first}`, ...rest.map((line) => `        ${line}`)].join('\n');
}

function paintOutcome(paint: Style['paint'], verdict: Outcome['verdict']): string {
  switch (verdict) {
    case 'pass':
      return paint.bold(paint.green('PASS'));
    case 'fail':
      return paint.bold(paint.red('FAIL'));
    case 'invalid':
      return paint.bold(paint.yellow('INVALID'));
  }
}

/** Counts of what came out how; the sentences of why stand with each check and gate above. */
function describe({ variants, gates, generator, outcome }: Summary): string {
  const verdicts = [
    ...claimCounts(
      'check',
      variants.flatMap(({ checks }) => checks),
    ),
    ...claimCounts('gate', gates),
  ];
  const skipped = variants.filter((one) => one.skipped).map(({ name }) => name);
  const unfinished = variants.filter((one) => !one.complete && !one.skipped).map((one) => one.name);
  const parts = [
    ...(verdicts.length === 0 ? ['no checks and no gates'] : verdicts),
    ...(skipped.length === 0 ? [] : [`skipped: ${skipped.join(', ')}`]),
    ...(unfinished.length === 0 ? [] : [`not complete: ${unfinished.join(', ')}`]),
    ...(generator.saturated ? [`the generator was saturated${saturatedIn(variants)}`] : []),
    ...(outcome.exitCode === 130 ? ['interrupted'] : []),
  ];
  return parts.join('; ');
}

/** ` (weighted)`: which of several variants it was. */
function saturatedIn(variants: readonly VariantSummary[]): string {
  if (variants.length < 2) return '';
  const names = variants.filter((one) => one.generator.saturated).map(({ name }) => name);
  return ` (${names.join(', ')})`;
}

/** `5 of 6 checks pass, 1 fails`. */
function claimCounts(what: string, claims: readonly { readonly verdict: Verdict }[]): string[] {
  if (claims.length === 0) return [];
  const count = (verdict: Verdict) => claims.filter((claim) => claim.verdict === verdict).length;
  const fails = count('fail');
  const open = count('inconclusive');
  const total = `${claims.length} ${what}${claims.length === 1 ? '' : 's'}`;
  return [
    [
      `${count('pass')} of ${total} passed`,
      ...(fails === 0 ? [] : [`${fails} failed`]),
      ...(open === 0 ? [] : [`${open} inconclusive`]),
    ].join(', '),
  ];
}
