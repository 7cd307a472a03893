/** The terminal report's section of one variant. */
import { entryOf } from '../base/catalogue.js';
import type { FaultKind } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import { countOf, formatCount, formatMs, formatShare, formatUs } from '../metrics/figures.js';
import type { DurationSummary } from '../metrics/histogram.js';
import type {
  AttemptAgreement,
  EventSummary,
  FaultSummary,
  GeneratorSummary,
  VariantSummary,
} from '../metrics/summary.js';
import { backpressureBlock } from './terminal-backpressure.js';
import { checkTable } from './terminal-claims.js';
import { discoveryLine } from './terminal-discovery.js';
import { ejectionTable } from './terminal-ejections.js';
import { healthBlock } from './terminal-health.js';
import { interceptorEvents, interceptorTable } from './terminal-interceptors.js';
import { callTable, deadlineTable, endingTable, streamTable } from './terminal-phases.js';
import { proxyTable } from './terminal-proxy.js';
import { readerTable } from './terminal-readers.js';
import { slowestTable } from './terminal-slowest.js';
import { labelled, left, right, type Style, table, wrap } from './terminal-style.js';
import { tierTable } from './terminal-tiers.js';

/** Events that are listed; of more, the first are. */
const EVENTS_LISTED = 24;

export function variantSection(style: Style, variant: VariantSummary): string {
  const { paint, width } = style;
  const { phases } = variant;
  const rule = '─'.repeat(Math.max(0, width - variant.name.length - variant.driver.length - 7));
  if (variant.skipped) return `── ${paint.bold(variant.name)}  skipped: ${variant.reason}`;
  const title = `── ${paint.bold(variant.name)} (${variant.driver}) ${paint.dim(rule)}`;
  const blocks = [
    variant.about === undefined ? undefined : indented(style, variant.about),
    setupLines(style, variant),
    variant.complete
      ? undefined
      : paint.yellow(indented(style, `not complete: ${variant.reason ?? 'no reason given'}`)),
    ...(phases.length === 0
      ? []
      : [
          callTable(style, phases, variant.closedLoop),
          endingTable(style, phases),
          ejectionTable(style, phases),
          deadlineTable(style, phases),
          tierTable(style, phases),
          streamTable(style, phases),
          readerTable(style, phases),
          backpressureBlock(style, phases),
          proxyTable(style, phases),
          interceptorTable(style, phases),
          interceptorEvents(style, phases),
          slowestTable(style, phases),
          phases.some(({ discard }) => discard)
            ? `  ${paint.dim('* discarded: measured, and not judged unless it is named')}`
            : undefined,
        ]),
    eventTable(style, variant.events),
    healthBlock(style, variant.health),
    discoveryLine(style, variant.discovery),
    factLines(style, variant),
    variant.checks.length === 0 ? undefined : checkTable(style, variant.checks),
  ];
  return [title, ...blocks.filter((block) => block !== undefined)].join('\n\n');
}

/** What the variant is made of, in the scenario's words. */
function setupLines(style: Style, { setup = [] }: VariantSummary): string | undefined {
  if (setup.length === 0) return undefined;
  return setup.map(({ part, text }) => labelled(style, part, text)).join('\n');
}

function indented({ width }: Style, text: string): string {
  return wrap(text, width - 2)
    .map((line) => `  ${line}`)
    .join('\n');
}

/** Told elsewhere: by tables, health by its picture, name resolution by its line. */
const KINDS_LEFT_OUT: readonly EventSummary['kind'][] = [
  'phase.start',
  'health.seen',
  'discovery',
  'client.ejection',
];

/** When what went wrong. */
function eventTable(style: Style, events: readonly EventSummary[]): string | undefined {
  const told = sameMoments(events.filter(({ kind }) => !KINDS_LEFT_OUT.includes(kind)));
  if (told.length === 0) return undefined;
  const whatWidth = style.width - 2 - 10 - 14 - 4;
  const rows = told
    .slice(0, EVENTS_LISTED)
    .map((group) => [
      formatMs(group[0].atMs),
      group[0].kind,
      wrap(describeEvents(group), whatWidth).join('\n'),
    ]);
  const more = told.length - EVENTS_LISTED;
  if (more > 0) rows.push(['', '', style.paint.dim(`… and ${formatCount(more)} more`)]);
  return table(style, [right('at'), left('event'), left('what')], rows);
}

/** Events of one kind about one thing that were planned for one moment; at least one. */
type EventGroup = readonly [EventSummary, ...EventSummary[]];

function sameMoments(events: readonly EventSummary[]): EventGroup[] {
  const groups = new Map<string, [EventSummary, ...EventSummary[]]>();
  for (const [index, event] of events.entries()) {
    const { kind, subject, plannedMs } = event;
    // What was not planned stands alone, and so does what happened on a single backend.
    const key = plannedMs === undefined ? `${index}` : `${kind} ${subject} ${plannedMs}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return [...groups.values()];
}

function describeEvents(group: EventGroup): string {
  const [first] = group;
  if (group.length === 1) return first.detail;
  const latest = Math.max(...group.map(({ atMs, plannedMs = atMs }) => atMs - plannedMs));
  // Faults of discovery are played by the workers, all others by the backends.
  const isOfWorkers = group.every(({ detail }) => / on worker \d+$/.test(detail));
  const where = `${group.length} ${isOfWorkers ? 'workers' : 'backends'}`;
  return `${first.subject} on ${where}, at most ${formatMs(latest)} after its time`;
}

/** Faults, attempts and the generator, a sentence each. */
function factLines(style: Style, variant: VariantSummary): string {
  const { attempts, generator } = variant;
  return [
    ...variant.faults.map((fault) => labelled(style, 'fault', describeFault(fault))),
    labelled(style, 'attempts', describeAgreement(attempts)),
    labelled(style, 'generator', describeGenerator(generator)),
  ].join('\n');
}

function describeFault(fault: FaultSummary): string {
  const { id, kind, in: place, seen, hit, hitFirst, hitSet } = fault;
  const { acts } = entryOf<FaultKind>(faults, kind);
  if (acts === 'host') return `${id} acted on the servers themselves`;
  if (acts === 'process') return `${id} acted on the servers' processes`;
  if (acts === 'discovery') return `${id} acted on what name resolution told the clients`;
  if (acts === 'connection' || acts === 'bytes') {
    return seen === 0
      ? `${id} met no connection: none reached the proxy while it lasted`
      : `${id} hit ${formatCount(hit)} of ${countOf(seen, 'connection')} through the proxy`;
  }
  const where = place === undefined ? id : `${id} in the proxy`;
  if (seen === 0) return `${where} met no attempt: none came to its backends while it lasted`;
  return (
    `${where} hit ${formatCount(hit)} of ${countOf(seen, 'attempt')} (${formatShare(hit / seen)}); ` +
    `first attempts hit: ${formatCount(hitFirst)}, set ${hitSet}`
  );
}

function describeAgreement({ agree, client, why }: AttemptAgreement): string {
  if (agree) return `client and servers counted the same ${formatCount(client)}`;
  return why ?? 'client and servers counted different numbers';
}

function describeLateness({ p50, p99 }: DurationSummary): string {
  return `half of the calls left within ${formatUs(p50)}, 99 % within ${formatUs(p99)}`;
}

/** Calls that were sent late are late from their due time on, and good only if that was within the deadline. */
const STILL_HOLDS =
  'latencies and good calls of such a phase are not to be relied on, counts of calls, attempts and ' +
  'statuses are';

/** Whether the generator kept up, in a sentence. */
export function describeGenerator(generator: GeneratorSummary): string {
  if (generator.saturated) return `SATURATED: ${generator.reasons.join('; ')}; ${STILL_HOLDS}`;
  const { latenessUs, loopBusyShare } = generator;
  const parts = [
    ...(latenessUs === undefined ? [] : [describeLateness(latenessUs)]),
    ...(loopBusyShare === undefined
      ? []
      : [`the busiest worker's event loop was busy for ${formatShare(loopBusyShare)} of the time`]),
  ];
  return parts.length === 0 ? 'not measured' : `kept up: ${parts.join(', ')}`;
}
