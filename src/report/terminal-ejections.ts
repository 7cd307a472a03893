/**
 * The terminal report's table of what outlier detection did:
 *
 *   phase    backend  ejected  let back in  first at  out
 *   failing  b3             2            0     6.1 s  87 %
 *
 * The last is the part of the phase's time for which it was out, over all clients.
 */
import { formatCount, formatMs, formatShare } from '../metrics/figures.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { titleOf } from './terminal-phases.js';
import { ABSENT, left, right, type Style, table } from './terminal-style.js';

/** Undefined where nothing was ejected. */
export function ejectionTable(style: Style, phases: readonly PhaseSummary[]): string | undefined {
  const rows = phases.flatMap((phase) =>
    (phase.ejections ?? []).map(({ backend, ejected, letBackIn, firstMs, outShare }, index) => [
      index === 0 ? titleOf(phase) : '',
      backend,
      formatCount(ejected),
      formatCount(letBackIn),
      firstMs === undefined ? ABSENT : formatMs(firstMs),
      formatShare(outShare),
    ]),
  );
  if (rows.length === 0) return undefined;
  const columns = [
    left('phase'),
    left('backend'),
    right('ejected'),
    right('let back in'),
    right('first at'),
    right('out'),
  ];
  return table(style, columns, rows);
}
