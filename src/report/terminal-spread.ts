/**
 * The terminal report's table of where variants sent their calls, beside each other: which part each backend
 * took, how busy it was with it, and how many connections were made for it.
 *
 *   phase  variant      attempts by backend (how busy it was)   connections  at most  CPU a call
 *   slow   round-robin  b0 25 % (39 %), slow 25 % (100 %)                 4      4/s      310 µs
 *          p2c          b0 31 % (48 %), slow 6.1 % (79 %)                 4      4/s      320 µs
 *
 * The CPU time is that of the clients and the front servers: connections cost both of them.
 *
 * Phases in which all of them did the same are left out.
 */
import { formatCount, formatRate, formatShare } from '../metrics/figures.js';
import type { BackendSummary, PhaseSummary, VariantSummary } from '../metrics/summary.js';
import { BACKENDS_LISTED, us } from './terminal-phases.js';
import { ABSENT, left, right, type Style, table, wrap } from './terminal-style.js';

/** Of the attempts: two variants whose shares of a backend are no further apart did the same. */
const SHARE_APART_MIN = 0.05;
/** And what chance may put between them: three standard deviations, at most 3 · 1/2 · 1/√n. */
const BY_CHANCE = 1.5;
/** Fewer connections than this are not worth telling. */
const CONNECTIONS_MIN = 10;
/** Columns for everything but the backends: phase, variant, three numbers, and what lies between. */
const REST_WIDTH = 62;

interface Row {
  readonly variant: string;
  readonly phase: PhaseSummary;
}

/** Undefined where there is nothing to tell apart. */
export function spreadSideBySide(
  style: Style,
  variants: readonly VariantSummary[],
): string | undefined {
  if (variants.length < 2) return undefined;
  const names = new Set(
    variants.flatMap(({ phases }) =>
      phases.filter(({ discard }) => !discard).map(({ name }) => name),
    ),
  );
  const groups = [...names]
    .map((name) => rowsOf(name, variants))
    .filter((rows) => isSpreadDifferently(rows) || hasManyConnections(rows));
  if (groups.length === 0) return undefined;
  const withConnections = groups.some(hasManyConnections);
  const columns = [
    left('phase'),
    left('variant'),
    left('attempts by backend (how busy it was)'),
    ...(withConnections ? [right('connections'), right('at most'), right('CPU\na call')] : []),
  ];
  const cells = groups.flatMap((rows) =>
    rows.map(({ variant, phase }, index) => [
      index === 0 ? phase.name : '',
      variant,
      wrap(describeBackends(phase.backends), style.width - REST_WIDTH).join('\n'),
      ...(withConnections ? connectionCells(phase) : []),
    ]),
  );
  return table(style, columns, cells);
}

function rowsOf(name: string, variants: readonly VariantSummary[]): Row[] {
  return variants.flatMap((variant) =>
    variant.phases
      .filter((phase) => phase.name === name)
      .map((phase) => ({ variant: variant.name, phase })),
  );
}

/** Whether a backend's share differs, or one variant has backends that another has not. */
function isSpreadDifferently(all: readonly Row[]): boolean {
  const rows = all.filter(({ phase }) => attemptsOf(phase) > 0);
  const fewest = Math.min(...rows.map(({ phase }) => attemptsOf(phase)));
  const apart = Math.max(SHARE_APART_MIN, BY_CHANCE / Math.sqrt(fewest));
  const names = new Set(rows.flatMap(({ phase }) => phase.backends.map((one) => one.name)));
  return [...names].some((name) => {
    const shares = rows.map(
      ({ phase }) => phase.backends.find((one) => one.name === name)?.share ?? 0,
    );
    return Math.max(...shares) - Math.min(...shares) > apart;
  });
}

function attemptsOf({ backends }: PhaseSummary): number {
  return backends.reduce((sum, { attempts }) => sum + attempts, 0);
}

function hasManyConnections(rows: readonly Row[]): boolean {
  return rows.some(({ phase: { server } }) => (server?.connections ?? 0) >= CONNECTIONS_MIN);
}

function describeBackends(backends: readonly BackendSummary[]): string {
  const listed = [...backends]
    .filter(({ share }) => share !== undefined)
    .sort((a, b) => b.attempts - a.attempts)
    .slice(0, BACKENDS_LISTED);
  if (listed.length === 0) return ABSENT;
  // The busiest are listed, in the order of the scenario.
  const parts = backends
    .filter((one) => listed.includes(one))
    .map(({ name, share = 0, utilisation }) => {
      const busy = utilisation === undefined ? '' : ` (${formatShare(utilisation)})`;
      return `${name} ${formatShare(share)}${busy}`.replaceAll(' ', '\u00a0');
    });
  const more = backends.length - listed.length;
  return `${parts.join(', ')}${more === 0 ? '' : `, ${more}\u00a0more`}`;
}

function connectionCells({ server, cpu }: PhaseSummary): string[] {
  const { connections, connectionsPerSecondMax } = server ?? {};
  const { clientUsPerCall: client, serverUsPerAttempt: served } = cpu ?? {};
  return [
    connections === undefined ? ABSENT : formatCount(connections),
    connectionsPerSecondMax === undefined ? ABSENT : formatRate(connectionsPerSecondMax),
    client === undefined || served === undefined ? ABSENT : us(client + served),
  ];
}
