/**
 * Coordinated omission: a server frozen for a second under 1,000 calls/s. A load that waits for replies
 * would send one call in that second and report one bad latency; of an open loop 1,000 calls were due,
 * and the longest of F seconds' wait is F. A call due x before the end of the freeze waits x, so
 *
 *     calls that wait longer than x:  λ(F − x)      the (1 − q) quantile:  F − (1 − q)·T
 *
 * for a phase of T seconds, and the mean is F²/2T.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicNowNs, NS_PER_MS } from '../../src/base/clock.js';
import { childrenOf } from '../../test/support/processes.js';
import { runProduct, WARM_UP_SECONDS } from './product-run.js';
import { judge, type Row } from './row.js';
import type { Truth } from './truth.js';

const RATE_PER_SECOND = 1_000;
const SECONDS = 4;
const FREEZE_MS = 1_000;
const TITLE = `frozen for 1 s under ${RATE_PER_SECOND}/s`;

type FrozenFigure = 'p99' | 'p95' | 'mean';

/**
 * A thousand replies come at once when it wakes, and a client takes up to some 0.2 ms for each; the 1 %
 * that waited longest are the first of them. What the mean of the phase may be later by follows.
 */
const DRAIN_MS: Readonly<Record<FrozenFigure, number>> = { p99: 40, p95: 120, mean: 60 };

/**
 * Judges what was reported of a phase of `SECONDS` in which the server stood still.
 * @param reportedMs latency figures, in ms.
 */
export function frozenRows(
  subject: Row['subject'],
  frozenMs: number,
  reportedMs: Readonly<Record<FrozenFigure, number>>,
): Row[] {
  const phaseMs = SECONDS * 1e3;
  const expected: Readonly<Record<FrozenFigure, number>> = {
    p99: frozenMs - 0.01 * phaseMs,
    p95: frozenMs - 0.05 * phaseMs,
    mean: frozenMs ** 2 / (2 * phaseMs),
  };
  return (['p99', 'p95', 'mean'] as const).map((figure) =>
    judge({
      truth: TITLE,
      figure: `${figure} latency`,
      subject,
      unit: 'ms',
      expected: expected[figure],
      measured: reportedMs[figure],
      // The signal may come a moment into a call's turn, and the histogram has three digits.
      spread: { standardError: 1 },
      late: DRAIN_MS[figure],
    }),
  );
}

/** Stops all of this process's backends for a while; gives how long that was. */
async function freezeBackends(): Promise<number> {
  const pids = childrenOf(process.pid);
  const sinceNs = monotonicNowNs();
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await sleep(FREEZE_MS);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
  return (monotonicNowNs() - sinceNs) / NS_PER_MS;
}

export const frozenServer: Truth = {
  name: 'frozen',
  summary: 'A server frozen for a second under 1,000 calls/s: no latency is left out',
  async rows({ driver, seed }) {
    let frozen: Promise<number> | undefined;
    const run = await runProduct({
      driver,
      seed,
      seconds: SECONDS,
      arrivals: { constant: `${RATE_PER_SECOND}/s` },
      targets: { server: 'wire' },
      onBegin() {
        frozen = sleep((WARM_UP_SECONDS + 1) * 1e3).then(freezeBackends);
      },
    });
    const frozenMs = (await frozen) ?? Number.NaN;
    const { latencyUs, calls } = run.phase;
    const inMs = (us = Number.NaN) => us / 1e3;
    const reported = {
      p99: inMs(latencyUs?.p99),
      p95: inMs(latencyUs?.p95),
      mean: inMs(latencyUs?.mean),
    };
    return [
      ...frozenRows(driver, frozenMs, reported),
      judge({
        truth: TITLE,
        figure: 'calls sent and ended',
        subject: driver,
        unit: 'count',
        expected: RATE_PER_SECOND * SECONDS,
        measured: calls.completed,
        spread: { standardError: 0 },
      }),
    ];
  },
};
