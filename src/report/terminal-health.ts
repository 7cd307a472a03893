/**
 * The terminal report's picture of health over time, as a client saw it: a line per backend and name.
 *
 *   health, as a client saw it
 *     b0  ████████████████████  SERVING throughout
 *     b1  █████░░░░░█████░░░░░  NOT_SERVING 2 times, 5 s in all
 *         0 s             10 s  █ SERVING  ░ NOT_SERVING
 */
import type { ServingStatus } from '../base/serving-status.js';
import { countOf, formatMs, formatUs } from '../metrics/figures.js';
import type { HealthSpan, HealthSummary, HealthTimeline } from '../metrics/summary.js';
import { indent, labelled, type Style, wrap } from './terminal-style.js';

const SIGNS: Readonly<Record<ServingStatus, string>> = {
  SERVING: '█',
  NOT_SERVING: '░',
  UNKNOWN: '·',
  SERVICE_UNKNOWN: '?',
};
/** More than one status in the time of one sign. */
const MIXED = '▒';
const SIGNS_MIN = 20;
const SIGNS_MAX = 60;
/** Room for what is said beside a line. */
const WORDS_WIDTH = 44;

export function healthBlock(style: Style, health: HealthSummary | undefined): string | undefined {
  if (health === undefined) return undefined;
  const { timelines } = health;
  const endMs = Math.max(...timelines.flatMap(({ spans }) => spans.map(({ toMs }) => toMs)), 0);
  if (endMs === 0) return undefined;
  const titles = timelines.map(titleOf);
  const titleWidth = Math.max(...titles.map(({ length }) => length));
  const room = style.width - 4 - titleWidth - WORDS_WIDTH;
  const width = Math.min(Math.max(room, SIGNS_MIN), SIGNS_MAX);
  const before = titleWidth + width + 4;
  const lines = timelines.flatMap(({ spans }, index) => {
    const title = (titles[index] ?? '').padEnd(titleWidth);
    const [first = '', ...rest] = wrap(describe(spans), style.width - 2 - before);
    return [
      `${title}  ${signsOf(spans, endMs, width)}  ${first}`,
      ...rest.map((line) => `${' '.repeat(before)}${line}`),
    ];
  });
  const scale = `0 s${formatMs(endMs).padStart(width - 3)}`;
  const legend = `${' '.repeat(titleWidth)}  ${scale}  ${legendOf(lines)}`;
  return [
    indent([...lines, style.paint.dim(legend)].join('\n'), 2),
    labelled(style, 'health', describeDelays(health)),
  ].join('\n');
}

function titleOf({ backend, service }: HealthTimeline): string {
  return service === '' ? backend : `${backend} ${service}`;
}

/** Each sign stands for an equal part of the time. */
function signsOf(spans: readonly HealthSpan[], endMs: number, width: number): string {
  return Array.from({ length: width }, (_, index) => {
    const fromMs = (index / width) * endMs;
    const toMs = ((index + 1) / width) * endMs;
    const within = spans.filter((span) => span.fromMs < toMs && span.toMs > fromMs);
    const [first, ...others] = new Set(within.map(({ status }) => status));
    return first === undefined ? ' ' : others.length > 0 ? MIXED : SIGNS[first];
  }).join('');
}

/** `NOT_SERVING 2 times, 5 s in all`; the first moments, before anything was heard, are not told of. */
function describe(spans: readonly HealthSpan[]): string {
  const statuses = [...new Set(spans.map(({ status }) => status))];
  if (statuses.length === 1) return `${statuses[0]} throughout`;
  return statuses
    .filter((status) => status !== 'SERVING')
    .map((status) => {
      const those = spans.filter((span) => span.status === status);
      const ms = those.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
      return those.length === 1
        ? `${status} for ${formatMs(ms)}`
        : `${status} ${those.length} times, ${formatMs(ms)} in all`;
    })
    .join('; ');
}

/** Of the signs that occur. */
function legendOf(lines: readonly string[]): string {
  const text = lines.join('');
  const known = Object.entries(SIGNS).filter(([, sign]) => text.includes(sign));
  const parts = known.map(([status, sign]) => `${sign} ${status}`);
  return [...parts, ...(text.includes(MIXED) ? [`${MIXED} several`] : [])].join('  ');
}

function describeDelays({ seenAfterUs, unseen }: HealthSummary): string {
  const missed = unseen === 0 ? [] : [`${countOf(unseen, 'change')} of a server's not seen at all`];
  if (seenAfterUs === undefined) return missed[0] ?? 'no server changed what it says';
  const { count, p50, max } = seenAfterUs;
  const seen =
    count === 1
      ? `the run's own watch saw one change of a server's ${formatUs(max)} after it`
      : `the run's own watch saw ${count} changes of servers, half of them within ${formatUs(p50)}, all ` +
        `within ${formatUs(max)}`;
  return [seen, ...missed].join('; ');
}
