/** Calls per second and CPU per call of each proxy at saturation, in turn, round after round. */
import Table from 'cli-table3';
import type { EngineTask, Peer } from '../engine/peer.js';
import { peakRssBytesOf } from '../engine/process-cost.js';
import { formatSpread, type Spread, spreadOf } from '../engine/spread.js';
import { PROXY_CORE, pinToCore } from './core-pin.js';
import { watchCpu } from './cpu-watch.js';
import type { ProxyKind } from './proxy-kind.js';

interface Round {
  readonly callsPerSecond: number;
  readonly failed: number;
  /** User and system time of the proxy's process, per call. */
  readonly cpuUsPerCall: number;
  /** CPU time of the proxy ÷ length of the run: near 1, it was the proxy that limited the calls. */
  readonly proxyShare: number;
  readonly peakRssBytes: number;
}

export interface SaturatedSide {
  readonly name: string;
  readonly settings: string;
  readonly rounds: readonly Round[];
  readonly callsPerSecond: Spread;
  readonly cpuUsPerCall: Spread;
}

export interface Saturation {
  readonly load: string;
  readonly sides: readonly SaturatedSide[];
}

/** Left out at both ends of a run: it may begin and end a little beside the load's own count. */
const EDGE_SECONDS = 0.4;

/** Runs all proxies `rounds` times, each fresh, a different one first each time. */
export async function saturate(
  load: Peer,
  kinds: readonly ProxyKind[],
  task: EngineTask,
  folder: string,
  rounds: number,
  tell: (line: string) => void,
): Promise<Saturation> {
  const found = new Map<ProxyKind, Round[]>(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < rounds; round++) {
    const shift = round % kinds.length;
    for (const kind of [...kinds.slice(shift), ...kinds.slice(0, shift)]) {
      const seen = await runOnce(kind, load, task, folder);
      found.get(kind)?.push(seen);
      tell(
        `${load.name}, round ${round + 1}, ${kind.name}: ` +
          `${Math.round(seen.callsPerSecond)} calls/s, ${seen.cpuUsPerCall.toFixed(2)} µs`,
      );
    }
  }
  return {
    load: `${load.name} ${load.settings}`,
    sides: kinds.map((kind) => sideOf(kind, found.get(kind) ?? [])),
  };
}

async function runOnce(
  kind: ProxyKind,
  load: Peer,
  task: EngineTask,
  folder: string,
): Promise<Round> {
  await using side = await kind.start(folder, task.address);
  pinToCore(side.pid, PROXY_CORE);
  const through = { ...task, address: side.address };
  // Its code is compiled and its connections to the server are there, whatever the load does first.
  await load.run({ ...through, seconds: 1 });
  const watch = watchCpu(side.pid);
  const measure = await load.run(through);
  const endMs = performance.now();
  // The measured stretch is the last of a run: a load of ours warms up before it.
  const share = watch.share(
    endMs - (task.seconds - EDGE_SECONDS) * 1e3,
    endMs - EDGE_SECONDS * 1e3,
  );
  return {
    callsPerSecond: measure.callsPerSecond,
    failed: measure.failed,
    cpuUsPerCall: (share * 1e6) / measure.callsPerSecond,
    proxyShare: share,
    peakRssBytes: peakRssBytesOf(side.pid) ?? 0,
  };
}

function sideOf({ name, settings }: ProxyKind, rounds: readonly Round[]): SaturatedSide {
  return {
    name,
    settings,
    rounds,
    callsPerSecond: spreadOf(rounds.map((round) => round.callsPerSecond)),
    cpuUsPerCall: spreadOf(rounds.map((round) => round.cpuUsPerCall)),
  };
}

export function saturationTable({ load, sides }: Saturation): string {
  const table = new Table({
    head: [load, 'calls/s', 'CPU µs/call', 'busy', 'peak MB', 'failed'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const { name, settings, rounds, callsPerSecond, cpuUsPerCall } of sides) {
    const busy = spreadOf(rounds.map((round) => round.proxyShare)).median;
    table.push([
      `${name}\n${settings}`,
      formatSpread(callsPerSecond, 0),
      formatSpread(cpuUsPerCall),
      `${(busy * 100).toFixed(0)} %`,
      (Math.max(...rounds.map((round) => round.peakRssBytes)) / 1e6).toFixed(0),
      rounds.reduce((sum, round) => sum + round.failed, 0),
    ]);
  }
  return table.toString();
}
