/**
 * Attempts as the client counted them beside attempts as the servers did.
 *
 * Two counts of the same thing by two programs: when they agree, neither lost any. When they do
 * not, the record mostly shows why. When a server was killed by plan, with counts that it had not
 * reported, and the servers counted fewer, nobody knows whether they would agree.
 */
import { countOf, formatCount } from '../metrics/figures.js';
import type { AttemptAgreement, EventSummary } from '../metrics/summary.js';
import type { AttemptSorts } from './attempt-tally.js';
import { totalAttempts } from './attempt-tally.js';

/** What faults in the proxy hit. */
export interface HitsInProxy {
  readonly attempts: number;
  /** Below HTTP/2, with whatever was on them. */
  readonly connections: number;
}

export interface AgreementInput {
  /** All attempts of the variant, whatever phase. */
  readonly attempts: AttemptSorts;
  /** As the servers received them, by number of previous attempts declared; undefined: none is ours. */
  readonly received: Readonly<Record<string, number>> | undefined;
  readonly hitInProxy?: HitsInProxy;
  readonly events: readonly EventSummary[];
  readonly complete: boolean;
}

/** Where somebody counted on both sides. */
type BothInput = AgreementInput & { readonly received: Readonly<Record<string, number>> };

export function agreeOnAttempts(input: AgreementInput): AttemptAgreement {
  const { received } = input;
  if (received !== undefined) return agreement({ ...input, received });
  const client = totalAttempts(input.attempts);
  return { client, why: `${countOf(client, 'attempt')}; external targets count none for us` };
}

function agreement(input: BothInput): AttemptAgreement {
  const { attempts, received } = input;
  const client = totalAttempts(attempts);
  const server = Object.values(received).reduce((total, count) => total + count, 0);
  const common = { client, server, serverByPreviousAttempts: received };
  if (client === server) return { ...common, agree: true };
  const killed = namesOfKilled(input.events);
  if (client > server && killed.length > 0) {
    const missing = client - server;
    const why =
      `whether client and servers agree is unknown: ${countOf(missing, 'attempt')} of ` +
      `${formatCount(client)} ${missing === 1 ? 'is' : 'are'} in no server's count, and ` +
      `${killed.join(' and ')} died by plan with what it had not reported`;
    return { ...common, why };
  }
  return { ...common, agree: false, why: whyNot(input, client, server) };
}

function namesOfKilled(events: readonly EventSummary[]): string[] {
  const killed = events.filter(({ kind }) => kind === 'process.crashed');
  return [...new Set(killed.map(({ subject, detail }) => subject ?? detail))];
}

function whyNot(input: BothInput, client: number, server: number): string {
  const [more, fewer, onMore] =
    client > server ? ['client', 'servers', client] : ['servers', 'client', server];
  const difference =
    `the ${more} counted ${formatCount(onMore)} attempts, ` +
    `${formatCount(Math.abs(client - server))} more than the ${fewer}${bySort(input)}`;
  const reasons = client > server ? reasonsForFewerServed(input) : reasonsForMoreServed(input);
  if (reasons.length === 0) return `${difference}; nothing in the record says why`;
  return `${difference}; likely because ${reasons.join(', ')}`;
}

/**
 * First attempts beside first attempts, later ones beside later ones, where that tells them apart.
 */
function bySort({ attempts, received }: BothInput): string {
  const firstServed = received['0'] ?? 0;
  const laterServed =
    Object.values(received).reduce((total, count) => total + count, 0) - firstServed;
  const later = attempts.retries + attempts.transparent + attempts.hedges;
  if (later === 0 && laterServed === 0) return '';
  return (
    ` (first attempts ${formatCount(attempts.first)} and ${formatCount(firstServed)} there, ` +
    `later ones ${formatCount(later)} and ${formatCount(laterServed)})`
  );
}

function reasonsForFewerServed(input: AgreementInput): string[] {
  const { DEADLINE_EXCEEDED = 0, CANCELLED = 0, UNAVAILABLE = 0 } = input.attempts.byCode;
  const cut = DEADLINE_EXCEEDED + CANCELLED;
  const ended = Object.values(input.attempts.byCode).reduce((total, count) => total + count, 0);
  const open = totalAttempts(input.attempts) - ended;
  const { attempts = 0, connections = 0 } = input.hitInProxy ?? {};
  return [
    ...(attempts === 0
      ? []
      : [
          `faults in the proxy hit ${countOf(attempts, 'attempt')}${before(attempts, 'a server saw')}`,
        ]),
    ...(connections === 0
      ? []
      : [
          `faults in the proxy hit ${countOf(connections, 'connection')} and what was on the way there`,
        ]),
    ...diedReasons(input.events, 'backend.died', 'and its last counts with it'),
    ...(cut === 0
      ? []
      : [
          `${countOf(cut, 'attempt')} hit the deadline or ${cut === 1 ? 'was' : 'were'} cancelled` +
            (cut === 1 ? ', maybe before it left' : ', some before they left'),
        ]),
    ...(UNAVAILABLE === 0
      ? []
      : [
          `${countOf(UNAVAILABLE, 'attempt')} ended UNAVAILABLE, ` +
            (UNAVAILABLE === 1 ? 'maybe on a lost connection' : 'some on lost connections'),
        ]),
    ...(open <= 0 ? [] : [`the client never saw ${countOf(open, 'attempt')} end`]),
    ...incompleteReasons(input),
  ];
}

/** `, some before a server saw them`; of a single one nobody knows. */
const before = (count: number, what: string) =>
  count === 1 ? `, maybe before ${what} it` : `, some before ${what} them`;

function reasonsForMoreServed(input: AgreementInput): string[] {
  const { transparent } = input.attempts;
  return [
    ...diedReasons(input.events, 'worker.crashed', 'and its last counts with it'),
    ...(transparent === 0
      ? []
      : [`${countOf(transparent, 'transparent retry', 'transparent retries')} were made`]),
    ...incompleteReasons(input),
  ];
}

function diedReasons(
  events: readonly EventSummary[],
  kind: EventSummary['kind'],
  consequence: string,
): string[] {
  return events
    .filter((event) => event.kind === kind)
    .map(({ subject, detail }) => `${subject ?? detail} died ${consequence}`);
}

function incompleteReasons({ complete }: AgreementInput): string[] {
  return complete ? [] : ['the run is not complete'];
}
