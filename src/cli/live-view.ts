/**
 * What is shown while a run goes on: the figures of the last interval, all workers together. On a
 * terminal one line that is rewritten; elsewhere one plain line per interval. Always on stderr.
 */
import { createLogUpdate } from 'log-update';
import { NS_PER_MS, NS_PER_SECOND } from '../base/clock.js';
import type { StatusCounts, StatusName } from '../base/status.js';
import { mergedDurations } from '../metrics/merged-durations.js';
import type { CallCell, LoadLine, RecordLine, RecordSink } from '../metrics/record.js';
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
    const before = line.proxy === undefined ? '' : `proxy ${line.proxy.address} before `;
    say(`${line.variant}: ${before}${addresses}`);
  } else if (line.type === 'variant-end' && line.skipped) {
    say(`${line.variant}: skipped: ${line.reason}`);
  } else if (line.type === 'event' && /^(fault|backend|process|worker|proxy)/.test(line.kind)) {
    say(`${(line.atNs / NS_PER_SECOND).toFixed(1).padStart(5)} s  ${line.kind}  ${line.detail}`);
  }
}

/**
 * Puts the workers' lines of one interval together, the nth line of each, and hands on its point when
 * all have come. The last one, from the last whole interval to the end, is too short for rates.
 */
function intervalCollector(plan: Plan, done: (point: LivePoint) => void) {
  const linesOf = new Map<string, number>();
  const waiting = new Map<string, LoadLine[]>();
  return (line: LoadLine) => {
    const worker = `${line.variant}/${line.worker}`;
    const nth = (linesOf.get(worker) ?? 0) + 1;
    linesOf.set(worker, nth);
    const interval = `${line.variant}/${nth}`;
    const lines = [...(waiting.get(interval) ?? []), line];
    waiting.set(interval, lines);
    if (lines.length < plan.workers) return;
    waiting.delete(interval);
    if (lines.every(({ fromNs, toNs }) => toNs - fromNs > plan.intervalNs / 2)) {
      done(pointOf(plan, lines));
    }
  };
}

function pointOf(plan: Plan, lines: readonly LoadLine[]): LivePoint {
  const calls = lines.flatMap((line) => line.calls);
  const attempts = lines.flatMap((line) => line.attempts);
  const variant = lines[0]?.variant ?? '';
  const toNs = Math.max(...lines.map((line) => line.toNs));
  const total = (of: (cell: CallCell) => number) => sumOf(calls, of);
  // Workers' intervals differ by a little: each has its own rate, and the rates add up.
  const rate = (of: (cell: CallCell) => number) =>
    sumOf(lines, (line) => (sumOf(line.calls, of) * NS_PER_SECOND) / (line.toNs - line.fromNs));
  const started = total((cell) => cell.started);
  const sent = sumOf(
    attempts,
    (cell) => cell.first + cell.retries + cell.transparent + cell.hedges,
  );
  const latency = mergedDurations();
  for (const cell of calls) latency.add(cell.latency);
  const summary = latency.summarise();
  return {
    variant,
    elapsedMs: toNs / NS_PER_MS,
    phase: phaseAt(plan, variant, toNs - plan.intervalNs / 2),
    offeredPerSecond: rate((cell) => cell.offered),
    goodputPerSecond: rate((cell) => cell.good),
    inFlight: sumOf(lines, (line) => line.inFlight),
    ...(summary === undefined ? {} : { p50Us: summary.p50, p99Us: summary.p99 }),
    byCode: sumOfCodes(calls.map((cell) => cell.byCode)),
    missed: total((cell) => cell.missed),
    ...(started === 0 ? {} : { amplification: sent / started }),
  };
}

function sumOf<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
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
