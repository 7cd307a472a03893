/** The terminal report's tables of a variant's phases. */
import {
  formatBytes,
  formatCount,
  formatMs,
  formatPerSecond,
  formatRatio,
  formatShare,
  formatUs,
} from '../metrics/figures.js';
import type {
  BackendSummary,
  CallCounts,
  PhaseSummary,
  StreamSummary,
} from '../metrics/summary.js';
import { ABSENT, left, right, type Style, table, wrap } from './terminal-style.js';

/** Backends that are listed by name; of more, the busiest are. */
export const BACKENDS_LISTED = 6;

export const us = (value: number | undefined) => (value === undefined ? ABSENT : formatUs(value));
export const ratio = (value: number | undefined) =>
  value === undefined ? ABSENT : formatRatio(value);

/** A phase's name; a discarded one's with a star. */
export const titleOf = ({ name, discard }: PhaseSummary) => (discard ? `${name} *` : name);

/** What the attempts per call say where they are fewer than calls. */
const BELOW_ONE = 'att./call below 1: some calls ended before they got a connection or a stream';

/**
 * What calls did: rates, latency, attempts per call, evenness. Where several loads were at work in
 * a phase, a row for each. A closed loop offers what it can: then the rate is that of calls started.
 */
export function callTable(
  style: Style,
  phases: readonly PhaseSummary[],
  isClosedLoop = false,
): string {
  const columns = [
    left('phase'),
    right(isClosedLoop ? 'started/s' : 'offered/s'),
    right('good/s'),
    right('OK'),
    right('p50'),
    right('p99'),
    right('max'),
    right('att./call'),
    right('Jain'),
  ];
  const rows = phases.flatMap((phase) => {
    const { calls, rates, latencyUs, attempts, fairness, loads } = phase;
    const seconds = (phase.toMs - phase.fromMs) / 1e3;
    const row = [
      titleOf(phase),
      formatPerSecond(rates.offeredPerSecond),
      formatPerSecond(rates.goodputPerSecond),
      okShare(calls),
      us(latencyUs?.p50),
      us(latencyUs?.p99),
      us(latencyUs?.max),
      ratio(attempts.amplification),
      ratio(fairness?.jain),
    ];
    const atWork = loads.filter(({ calls: { offered } }) => offered > 0);
    const loadRows = (atWork.length > 1 ? atWork : []).map((load) => [
      `  ${load.name}`,
      formatPerSecond(load.calls.offered / seconds),
      formatPerSecond(load.calls.good / seconds),
      okShare(load.calls),
      us(load.latencyUs?.p50),
      us(load.latencyUs?.p99),
      us(load.latencyUs?.max),
      '',
      '',
    ]);
    return [row, ...loadRows.map((cells) => cells.map((cell) => style.paint.dim(cell)))];
  });
  const isBelowOne = phases.some(({ attempts: { amplification = 1 } }) => amplification < 1);
  const note = isBelowOne ? `\n  ${style.paint.dim(BELOW_ONE)}` : '';
  return `${table(style, columns, rows)}${note}`;
}

/** Of the calls offered: those that ended OK, or were cancelled because their load is told to. */
export function okShare({ byCode, offered, cancelledOnPurpose = 0 }: CallCounts): string {
  return offered === 0 ? ABSENT : formatShare(((byCode.OK ?? 0) + cancelledOnPurpose) / offered);
}

/** How calls ended, and which backends took the attempts. */
export function endingTable(style: Style, phases: readonly PhaseSummary[]): string {
  const nameWidth = Math.max(...phases.map((phase) => titleOf(phase).length), 'phase'.length);
  const rest = style.width - nameWidth - 6;
  const spread = phases.map(({ backends }) =>
    wrap(describeSpread(backends), Math.floor(rest * 0.4)),
  );
  const spreadWidth = Math.max(...spread.flat().map((line) => line.length));
  const rows = phases.map((phase, index) => [
    titleOf(phase),
    [
      ...wrap(describeEndings(phase.calls), rest - spreadWidth),
      ...describeWaiting(phase.calls).flatMap((text) => wrap(text, rest - spreadWidth)),
    ].join('\n'),
    (spread[index] ?? []).join('\n'),
  ]);
  return table(style, [left('phase'), left('calls ended'), left('attempts')], rows);
}

function describeEndings(counts: CallCounts): string {
  const { byCode, missed, abandoned, cancelledOnPurpose = 0 } = counts;
  const parts = Object.entries(byCode)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name}\u00a0${formatCount(count)}`);
  if (cancelledOnPurpose > 0) {
    parts.push(`cancelled\u00a0on\u00a0purpose\u00a0${formatCount(cancelledOnPurpose)}`);
  }
  if (missed > 0) parts.push(`missed\u00a0${formatCount(missed)}`);
  if (abandoned > 0) parts.push(`open\u00a0at\u00a0the\u00a0end\u00a0${formatCount(abandoned)}`);
  return parts.length === 0 ? ABSENT : parts.join(', ');
}

/** Not how they ended, and so on a line of its own. */
function describeWaiting({ queued = 0 }: CallCounts): string[] {
  return queued === 0 ? [] : [`(${formatCount(queued)} waited for a stream)`];
}

function describeSpread(backends: readonly BackendSummary[]): string {
  const listed =
    backends.length <= BACKENDS_LISTED
      ? backends
      : [...backends].sort((a, b) => b.attempts - a.attempts).slice(0, BACKENDS_LISTED);
  const parts = listed
    .filter(({ share }) => share !== undefined)
    .map(({ name, share }) => `${name}\u00a0${formatShare(share ?? 0).replaceAll(' ', '\u00a0')}`);
  if (parts.length === 0) return ABSENT;
  const more = backends.length - listed.length;
  return `${parts.join(', ')}${more === 0 ? '' : `, ${more}\u00a0more`}`;
}

/** Deadlines and what they cost; undefined when no load has one, or none was missed. */
export function deadlineTable(style: Style, phases: readonly PhaseSummary[]): string | undefined {
  const missed = phases.some(
    ({ deadline }) => deadline && deadline.exceeded + (deadline.wastedServerMs ?? 0) > 0,
  );
  if (!missed) return undefined;
  const rows = phases.flatMap((phase) => {
    const { deadline } = phase;
    if (deadline === undefined) return [];
    return [
      [
        titleOf(phase),
        formatCount(deadline.exceeded),
        formatCount(deadline.overshootUs?.count ?? 0),
        us(deadline.overshootUs?.p50),
        us(deadline.overshootUs?.p99),
        deadline.wastedServerMs === undefined ? ABSENT : formatMs(deadline.wastedServerMs),
        deadline.wastedRequests === undefined ? ABSENT : formatCount(deadline.wastedRequests),
      ],
    ];
  });
  const columns = [
    left('phase'),
    right('DEADLINE_\nEXCEEDED'),
    right('ended\nlate'),
    right('by\np50'),
    right('by\np99'),
    right('server time\nwasted'),
    right('served\ntoo late'),
  ];
  return table(style, columns, rows);
}

/** Messages on streams; undefined when there were none. */
export function streamTable(style: Style, phases: readonly PhaseSummary[]): string | undefined {
  const rows = phases.flatMap((phase) => {
    const { streams } = phase;
    if (streams === undefined) return [];
    return [
      [
        titleOf(phase),
        formatCount(streams.messagesOffered),
        formatCount(streams.messagesSent),
        formatCount(streams.messagesMissed),
        heard(streams),
        us(streams.messageLatencyUs?.p50),
        us(streams.messageLatencyUs?.p99),
        formatMs(streams.writeStallMs),
        formatBytes(streams.bufferedBytesMax),
      ],
    ];
  });
  if (rows.length === 0) return undefined;
  const columns = [
    left('phase'),
    right('messages\ndue'),
    right('sent'),
    right('missed'),
    right('delivered'),
    right('p50'),
    right('p99'),
    right('sending stalled,\nall streams'),
    right('buffered\nat most'),
  ];
  return table(style, columns, rows);
}

/** Messages that reached a reader; nothing where there is none to reach. */
export const heard = ({ unheard, messagesReceived }: StreamSummary) =>
  unheard ? ABSENT : formatCount(messagesReceived);
