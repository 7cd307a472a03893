/**
 * What keeps a service down, as far as the record tells: figures of the time after a trigger beside
 * those of its baseline. An effect is named when it is at least half as large again.
 */
import { formatRatio, formatShare, formatUs } from '../metrics/figures.js';
import type { PhaseSummary } from '../metrics/summary.js';

const NAMED_FROM = 1.5;
/** Of all service time; below it, waste explains nothing however it grew. */
const WASTE_FROM = 0.05;

interface Effect {
  /** How many times its baseline. */
  readonly factor: number;
  readonly told: string;
}

/** One sentence without its full stop, the largest effect first. */
export function sustainingEffects(phases: readonly PhaseSummary[], base: PhaseSummary): string {
  const effects = [amplification, queue, waste, connections]
    .map((effect) => effect(phases, base))
    .filter((effect) => effect !== undefined && effect.factor >= NAMED_FROM)
    .sort((a, b) => (b?.factor ?? 0) - (a?.factor ?? 0));
  if (effects.length === 0) return 'Nothing in the record says what keeps it there';
  return `What keeps it there: ${effects.map((effect) => effect?.told).join(', ')}`;
}

type FindEffect = (phases: readonly PhaseSummary[], base: PhaseSummary) => Effect | undefined;

const sum = (phases: readonly PhaseSummary[], of: (phase: PhaseSummary) => number) =>
  phases.reduce((total, phase) => total + of(phase), 0);

const amplification: FindEffect = (phases, base) => {
  const started = sum(phases, ({ calls }) => calls.started);
  const before = base.attempts.amplification;
  if (started === 0 || before === undefined || before === 0) return undefined;
  const now = sum(phases, ({ attempts }) => attempts.total) / started;
  const told = `amplification (${formatRatio(now)} attempts a call, before ${formatRatio(before)})`;
  return { factor: now / before, told };
};

const queue: FindEffect = (phases, base) => {
  const waited = phases.flatMap(({ server }) => server?.queueTimeUs ?? []);
  const served = waited.reduce((total, { count }) => total + count, 0);
  if (served === 0) return undefined;
  const us = waited.reduce((total, { count, mean }) => total + count * mean, 0) / served;
  const before = base.server?.queueTimeUs?.mean ?? 0;
  const told = `queues (${formatUs(us)} in the servers' lines, before ${formatUs(before)})`;
  return { factor: us / Math.max(before, 1), told };
};

const waste: FindEffect = (phases, base) => {
  const servedMs = sum(phases, ({ server }) => server?.servedMs ?? 0);
  if (servedMs === 0) return undefined;
  const now = sum(phases, ({ server }) => server?.wastedMs ?? 0) / servedMs;
  const before = (base.server?.wastedMs ?? 0) / Math.max(base.server?.servedMs ?? 0, 1);
  if (now < WASTE_FROM) return undefined;
  const told = `wasted work (${formatShare(now)} of service time, before ${formatShare(before)})`;
  return { factor: now / Math.max(before, WASTE_FROM / 2), told };
};

const connections: FindEffect = (phases, base) => {
  const seconds = (all: readonly PhaseSummary[]) => sum(all, (one) => one.toMs - one.fromMs) / 1e3;
  const perSecond = (all: readonly PhaseSummary[]) =>
    sum(all, ({ server }) => server?.connections ?? 0) / seconds(all);
  const [now, before] = [perSecond(phases), perSecond([base])];
  // Fewer than one a second is no storm.
  if (!(now >= 1)) return undefined;
  const told = `reconnecting (${formatRatio(now)} connections a second, before ${formatRatio(before)})`;
  return { factor: now / Math.max(before, 0.5), told };
};
