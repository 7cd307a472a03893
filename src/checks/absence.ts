/**
 * When each backend was not to be called: it said so itself, its process was away, or name resolution did
 * not name it. From the record's events.
 */
import type { EventSummary } from '../metrics/summary.js';
import type { VariantFindings } from './check.js';

/** A stretch of the load clock; it may go on beyond the run's end. */
export interface Stretch {
  readonly backend: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
}

/** Killed, stopped or ended; a server that drains still tells of itself, and counts for itself. */
const AWAY: Readonly<Record<string, string>> = {
  'process.crashed': 'its process had been killed',
  'process.paused': 'its process was paused',
  'process.stopped': 'its process had ended',
};
const BACK = ['process.started', 'process.resumed'];

/** Stretches in which a backend's process was away, or nobody named it. */
export function goneStretches(findings: VariantFindings): Stretch[] {
  const away = stretches(findings.events, (event) => {
    const away = AWAY[event.kind];
    if (away !== undefined) return away;
    return BACK.includes(event.kind) ? null : undefined;
  });
  return [...away, ...unnamed(findings)];
}

/** Stretches in which a backend said of a name that it was not serving. */
export function unhealthyStretches({ events }: VariantFindings, service: string): Stretch[] {
  return stretches(events, ({ kind, health }) => {
    // A process that starts begins with SERVING.
    if (kind === 'process.started') return null;
    if (kind !== 'health' || health?.services.includes(service) !== true) return undefined;
    return health.to === 'SERVING' ? null : `it said ${health.to}`;
  });
}

/**
 * @param turn what an event makes of its backend: a reason not to call it, null for none any more,
 *   undefined for nothing.
 */
function stretches(
  events: readonly EventSummary[],
  turn: (event: EventSummary) => string | null | undefined,
): Stretch[] {
  const open = new Map<string, { readonly fromMs: number; readonly why: string }>();
  const closed: Stretch[] = [];
  for (const event of events) {
    const { subject, atMs } = event;
    const turned = turn(event);
    if (subject === undefined || turned === undefined) continue;
    const since = open.get(subject);
    if (turned !== null) {
      if (since === undefined) open.set(subject, { fromMs: atMs, why: turned });
    } else if (since !== undefined) {
      closed.push({ backend: subject, ...since, toMs: atMs });
      open.delete(subject);
    }
  }
  const lasting = [...open].map(([backend, since]) => ({ backend, ...since, toMs: Infinity }));
  return [...closed, ...lasting];
}

/** Every worker's clients are told the same; the first one's timeline stands for all. */
function unnamed({ discovery, phases }: VariantFindings): Stretch[] {
  const spans = discovery?.timelines[0]?.spans ?? [];
  const all = new Set(phases.flatMap(({ backends }) => backends.map(({ name }) => name)));
  return spans.flatMap(({ fromMs, toMs, said }) => {
    // A failure of name resolution takes nobody from the list that a client has.
    if (!('backends' in said)) return [];
    return [...all]
      .filter((backend) => !said.backends.includes(backend))
      .map((backend) => ({ backend, fromMs, toMs, why: 'name resolution did not name it' }));
  });
}
