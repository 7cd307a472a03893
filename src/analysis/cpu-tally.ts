/**
 * CPU time of the workers, the servers and a proxy, by phase, and what of it a call took.
 *
 * CPU time is known by intervals, so an interval goes whole to the phase that contains its middle, and
 * is divided by the calls that ended in those same intervals.
 */
import { entryOf } from '../base/catalogue.js';
import type { AnyCallKind } from '../calls/call.js';
import { calls } from '../calls/index.js';
import type { LoadLine, ProxyLine, TargetLine } from '../metrics/record.js';
import type { CpuSummary } from '../metrics/summary.js';
import type { VariantPlan } from '../scenarios/plan.js';
import { entry } from './phase-tally.js';
import { phaseAt } from './server-tally.js';
import { withDefined } from './with-defined.js';

interface Side {
  /** Undefined while nothing was measured. */
  cpuNs: number | undefined;
  /** Calls of the client, attempts of the servers. */
  ended: number;
}

interface PhaseCpu {
  readonly client: Side;
  readonly server: Side;
  readonly proxy: Side;
}

export interface CpuTally {
  addLoad(line: LoadLine): void;
  addTarget(line: TargetLine): void;
  addProxy(line: ProxyLine): void;
  /** Undefined when nothing was measured in the phase. */
  in(phase: string): CpuSummary | undefined;
}

export function cpuTally({ phases, loads }: VariantPlan): CpuTally {
  const byPhase = new Map<string, PhaseCpu>();
  const phaseOf = ({ fromNs, toNs }: LoadLine | TargetLine | ProxyLine): PhaseCpu | undefined => {
    const phase = phaseAt(phases, (fromNs + toNs) / 2);
    return phase && entry(byPhase, phase.name, emptyPhaseCpu);
  };
  // What a stream costs is in its messages, so no figure a call is given where there is one.
  const isByCall = loads.every(({ call }) => !entryOf<AnyCallKind>(calls, call.kind).longLived);
  return {
    addLoad(line) {
      const { cpuShare } = line.generator;
      const ended = line.calls.reduce((sum, { completed }) => sum + completed, 0);
      const proxy = phaseOf(line)?.proxy;
      // A proxy of another's does not count: the clients' calls are what it had to do.
      if (proxy !== undefined) proxy.ended += ended;
      if (cpuShare === undefined) return;
      add(phaseOf(line)?.client, cpuShare * (line.toNs - line.fromNs), ended);
    },
    addTarget(line) {
      const { cpuNs, answeredByCode, cancelled } = line.counts;
      if (cpuNs === undefined) return;
      const answered = Object.values(answeredByCode).reduce((sum, count) => sum + count, 0);
      add(phaseOf(line)?.server, cpuNs, answered + cancelled);
    },
    addProxy(line) {
      if (line.cpuNs !== undefined) add(phaseOf(line)?.proxy, line.cpuNs, 0);
    },
    in(phase) {
      const found = byPhase.get(phase);
      if (found === undefined || !isMeasured(found)) return undefined;
      const { client, server, proxy } = found;
      return withDefined({
        clientMs: milliseconds(client),
        serverMs: milliseconds(server),
        proxyMs: milliseconds(proxy),
        clientUsPerCall: isByCall ? usPerEnd(client) : undefined,
        serverUsPerAttempt: isByCall ? usPerEnd(server) : undefined,
        proxyUsPerCall: isByCall ? usPerEnd(proxy) : undefined,
      });
    },
  };
}

function emptyPhaseCpu(): PhaseCpu {
  const none = (): Side => ({ cpuNs: undefined, ended: 0 });
  return { client: none(), server: none(), proxy: none() };
}

function add(side: Side | undefined, cpuNs: number, ended: number): void {
  if (side === undefined) return;
  side.cpuNs = (side.cpuNs ?? 0) + cpuNs;
  side.ended += ended;
}

function isMeasured({ client, server, proxy }: PhaseCpu): boolean {
  return [client, server, proxy].some(({ cpuNs }) => cpuNs !== undefined);
}

const tenths = (value: number) => Math.round(value * 10) / 10;

function milliseconds({ cpuNs }: Side): number | undefined {
  return cpuNs === undefined ? undefined : tenths(cpuNs / 1e6);
}

function usPerEnd({ cpuNs, ended }: Side): number | undefined {
  return cpuNs === undefined || ended === 0 ? undefined : tenths(cpuNs / 1e3 / ended);
}
