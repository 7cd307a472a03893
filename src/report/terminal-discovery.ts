/**
 * The terminal report's lines about name resolution: what clients were told when it was not simply all
 * backends, and how often they asked.
 *
 *   discovery   name resolution said b0 from 2 s to 4 s, no addresses from 6 s to 7 s; clients asked
 *               3 times and were told something 5 times
 */
import { countOf, formatMs, timesOf } from '../metrics/figures.js';
import type { DiscoverySaid } from '../metrics/record.js';
import type { DiscoverySpan, DiscoverySummary } from '../metrics/summary.js';
import { labelled, type Style } from './terminal-style.js';

/** So many stretches are told; of churn there are hundreds. */
const SPANS_TOLD = 6;
/** Of longer lists only the length is. */
const NAMES_TOLD = 8;

export function discoveryLine(
  style: Style,
  discovery: DiscoverySummary | undefined,
): string | undefined {
  if (discovery === undefined) return undefined;
  const { asked, told, timelines } = discovery;
  // All workers play the same: the first speaks for them.
  const [all, ...others] = timelines[0]?.spans ?? [];
  const unusual = others.filter(({ said }) => !isSame(said, all?.said));
  const spans = unusual.slice(0, SPANS_TOLD).map(describeSpan);
  const more = unusual.length - spans.length;
  if (more > 0) spans.push(`and ${countOf(more, 'more change')}`);
  const course =
    spans.length === 0
      ? 'name resolution said the same throughout'
      : `name resolution said ${spans.join(', ')}`;
  const asking = `clients asked ${timesOf(asked)} and were told something ${timesOf(told)}`;
  return labelled(style, 'discovery', `${course}; ${asking}`);
}

function describeSpan({ fromMs, toMs, said }: DiscoverySpan): string {
  return `${describe(said)} from ${formatMs(fromMs)} to ${formatMs(toMs)}`;
}

function describe(said: DiscoverySaid): string {
  if ('code' in said) return said.code;
  const { backends } = said;
  if (backends.length === 0) return 'no addresses';
  if (backends.length > NAMES_TOLD) return countOf(backends.length, 'backend');
  return backends.length > 1
    ? `${backends.slice(0, -1).join(' ')} and ${backends.at(-1)}`
    : `${backends[0]}`;
}

function isSame(a: DiscoverySaid, b: DiscoverySaid | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
