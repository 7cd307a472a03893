/**
 * Windows at zero by phase: what clients, and what servers, had to send and could not. They are known by
 * intervals, so an interval goes whole to the phase that contains its middle.
 */
import type { LoadLine, TargetLine, WindowCounts } from '../metrics/record.js';
import type { PhaseSummary, WindowSummary } from '../metrics/summary.js';
import type { PhaseWindow } from '../workers/spec.js';
import { phaseAt } from './server-tally.js';

const NS_PER_MS = 1e6;

type Windows = { -readonly [Side in 'client' | 'server']?: WindowSummary };

export interface WindowTally {
  addLoad(line: LoadLine): void;
  addTarget(line: TargetLine): void;
  /** Undefined where nobody could tell. */
  in(phase: string): PhaseSummary['windows'];
}

export function windowTally(phases: readonly PhaseWindow[]): WindowTally {
  const byPhase = new Map<string, Windows>();
  const add = (
    side: keyof Windows,
    { fromNs, toNs }: LoadLine | TargetLine,
    counts: WindowCounts | undefined,
  ) => {
    const phase = phaseAt(phases, (fromNs + toNs) / 2);
    if (phase === undefined || counts === undefined) return;
    const windows = byPhase.get(phase.name) ?? {};
    windows[side] = sum(windows[side] ?? NONE, counts);
    byPhase.set(phase.name, windows);
  };
  return {
    addLoad: (line) => add('client', line, line.windows),
    addTarget: (line) => add('server', line, line.counts.windows),
    in: (phase) => byPhase.get(phase),
  };
}

const NONE: WindowSummary = {
  streamsStopped: 0,
  streamsStoppedMs: 0,
  connectionsStopped: 0,
  connectionsStoppedMs: 0,
};

function sum(before: WindowSummary, counts: WindowCounts): WindowSummary {
  return {
    streamsStopped: before.streamsStopped + counts.streamsStopped,
    streamsStoppedMs: before.streamsStoppedMs + counts.streamsStoppedNs / NS_PER_MS,
    connectionsStopped: before.connectionsStopped + counts.connectionsStopped,
    connectionsStoppedMs: before.connectionsStoppedMs + counts.connectionsStoppedNs / NS_PER_MS,
  };
}
