/**
 * What is shown while a run goes on: the figures of the last interval, all workers together. On a
 * terminal one line that is rewritten; elsewhere one plain line per interval. Always on stderr.
 */
import { createLogUpdate } from 'log-update';
import { NS_PER_MS, NS_PER_SECOND } from '../base/clock.js';
import type { StatusCounts, StatusName } from '../base/status.js';
import { mergedDurations } from '../metrics/merged-durations.js';
import type { LoadLine, RecordLine, RecordSink } from '../metrics/record.js';
import { type LivePoint, liveLine } from '../report/live.js';
import type { Plan } from '../scenarios/plan.js';

export interface LiveView extends RecordSink {
  /** Shows a line that stays. */
  say(line: string): void;
  /** Leaves the last line standing. */
  close(): void;
}

/** @param quiet shows nothing but what is said. */
export function createLiveView(plan: Plan, stream: NodeJS.WriteStream, quiet: boolean): LiveView {
  const update = stream.isTTY && !process.env['CI'] ? createLogUpdate(stream) : undefined;
  const show = (line: string) => (update ? update(line) : stream.write(`${line}\n`));
  const say = (line: string) => {
    update?.clear();
    stream.write(`${line}\n`);
  };
  const intervals = intervalCollector(plan, (point) => {
    if (!quiet) show(liveLine(point));
  });
  return {
    say,
    write(line) {
      if (line.type === 'load') intervals(line);
      else if (!quiet) announce(line, say);
    },
    close: () => update?.done(),
  };
}

function announce(line: RecordLine, say: (text: string) => void): void {
  if (line.type === 'variant') {
    const addresses = line.backends.map(({ name, address }) => `${name} ${address}`).join(', ');
    say(`${line.variant}: ${addresses}`);
  } else if (line.type === 'event' && /^(fault|backend|worker)/.test(line.kind)) {
    say(`${(line.atNs / NS_PER_SECOND).toFixed(1).padStart(5)} s  ${line.kind}  ${line.detail}`);
  }
}

/** Puts the workers' lines of one interval together and hands on its point when all have come. */
function intervalCollector(plan: Plan, done: (point: LivePoint) => void) {
  let key = '';
  let lines: LoadLine[] = [];
  return (line: LoadLine) => {
    const index = Math.round(line.toNs / plan.intervalNs);
    const lineKey = `${line.variant}/${index}`;
    if (lineKey !== key) lines = [];
    key = lineKey;
    lines.push(line);
    if (lines.length === plan.workers) done(pointOf(plan, lines));
  };
}

function pointOf(plan: Plan, lines: readonly LoadLine[]): LivePoint {
  const calls = lines.flatMap((line) => line.calls);
  const attempts = lines.flatMap((line) => line.attempts);
  const variant = lines[0]?.variant ?? '';
  const fromNs = Math.max(...lines.map((line) => line.fromNs));
  const toNs = Math.max(...lines.map((line) => line.toNs));
  const seconds = Math.max((toNs - fromNs) / NS_PER_SECOND, 1e-3);
  const total = (of: (cell: (typeof calls)[number]) => number) =>
    calls.reduce((sum, cell) => sum + of(cell), 0);
  const started = total((cell) => cell.started);
  const sent = attempts.reduce(
    (sum, cell) => sum + cell.first + cell.retries + cell.transparent + cell.hedges,
    0,
  );
  const latency = mergedDurations();
  for (const cell of calls) latency.add(cell.latency);
  const summary = latency.summarise();
  return {
    variant,
    elapsedMs: toNs / NS_PER_MS,
    phase: phaseAt(plan, variant, (fromNs + toNs) / 2),
    offeredPerSecond: total((cell) => cell.offered) / seconds,
    goodputPerSecond: total((cell) => cell.good) / seconds,
    inFlight: lines.reduce((sum, line) => sum + line.inFlight, 0),
    ...(summary === undefined ? {} : { p50Us: summary.p50, p99Us: summary.p99 }),
    byCode: sumOfCodes(calls.map((cell) => cell.byCode)),
    missed: total((cell) => cell.missed),
    ...(started === 0 ? {} : { amplification: sent / started }),
  };
}

function phaseAt(plan: Plan, variant: string, ns: number): string {
  const phases = plan.variants.find(({ name }) => name === variant)?.phases ?? [];
  return phases.find(({ toNs }) => ns < toNs)?.name ?? 'drain';
}

function sumOfCodes(counts: readonly StatusCounts[]): StatusCounts {
  const sum: Partial<Record<StatusName, number>> = {};
  for (const count of counts) {
    for (const [name, value] of Object.entries(count) as [StatusName, number][]) {
      sum[name] = (sum[name] ?? 0) + value;
    }
  }
  return sum;
}
