/** The terminal report's table of slow calls: of each phase the slowest, and what became of its attempts. */
import { formatMs, formatUs } from '../metrics/figures.js';
import type { AttemptStory, CallStory, PhaseSummary } from '../metrics/summary.js';
import { titleOf } from './terminal-phases.js';
import { left, right, type Style, table, wrap } from './terminal-style.js';

/** Attempts that are told of one by one. */
const ATTEMPTS_TOLD = 5;
/** Of the columns between phase and text: two figures, and what lies between. */
const FIGURES_WIDTH = 26;

/** Undefined when no single call was written down with its attempts. */
export function slowestTable(style: Style, phases: readonly PhaseSummary[]): string | undefined {
  const titleWidth = Math.max(...phases.map((phase) => titleOf(phase).length));
  const textWidth = Math.max(40, style.width - titleWidth - FIGURES_WIDTH);
  const rows = phases.flatMap((phase) => {
    const slowest = phase.stories?.find(({ by }) => by === 'time');
    if (phase.discard || slowest?.attempts === undefined) return [];
    const what = wrap(describe(slowest), textWidth);
    const took = formatUs(slowest.endUs);
    return [[titleOf(phase), took, formatMs(slowest.dueMs), what.join('\n')]];
  });
  if (rows.length === 0) return undefined;
  return table(
    style,
    [left('phase'), right('slowest'), right('due at'), left('what became of it')],
    rows,
  );
}

function describe({ attempts = [], status, sentUs }: CallStory): string {
  const told = attempts.slice(0, ATTEMPTS_TOLD).map((attempt) => {
    // Of a single attempt it says nothing to know the connection.
    return describeAttempt(attempt, attempts.length > 1 ? attempt.connection : undefined);
  });
  const more = attempts.length - ATTEMPTS_TOLD;
  if (more > 0) told.push(`${more} more`);
  const late = sentUs >= 1e3 ? [`sent ${formatUs(sentUs)} late`] : [];
  // What its last attempt came to is as a rule what it came to.
  const isTold = more <= 0 && status !== undefined && attempts.at(-1)?.status === status;
  const end = isTold ? [] : [`ended ${status ?? 'with the run, still open'}`];
  return [...late, ...told, ...end].join('; ');
}

function describeAttempt(attempt: AttemptStory, connection: number | undefined): string {
  const { kind, backend, startUs, endUs, status, resetCode } = attempt;
  const over = connection === undefined ? '' : `, connection ${connection},`;
  const where = `${kind} on ${backend}${over} at ${formatUs(startUs)}`;
  if (endUs === undefined) return `${where}: left open`;
  const reset = resetCode === undefined ? '' : ` (reset with ${resetCode})`;
  return `${where}: ${status}${reset} after ${formatUs(endUs - startUs)}`;
}
