/** Calls per second and CPU per call at saturation: every side in turn, round after round. */
import Table from 'cli-table3';
import type { EngineTask, Measure, Peer } from './peer.js';
import { cpuMsOf } from './process-cost.js';
import type { EngineServer } from './servers.js';
import { formatSpread, type Spread, spreadOf } from './spread.js';

/** Against whom ratios are taken. */
const OURS = 'squall wire';

interface Round extends Measure {
  /** CPU time of the server ÷ length of the run: near 1, it was the server that limited the calls. */
  readonly serverShare: number;
}

export interface SideResult {
  readonly name: string;
  readonly settings: string;
  readonly rounds: readonly Round[];
  readonly callsPerSecond: Spread;
  readonly cpuUsPerCall: Spread;
  readonly peakRssBytes: number;
  /** Ours ÷ this side's, round by round. */
  readonly callsRatio: Spread;
  readonly cpuRatio: Spread;
}

export interface CallsResult {
  readonly server: string;
  readonly sides: readonly SideResult[];
}

/** Runs all sides `rounds` times, a different one first each time. */
export async function compareCalls(
  serverName: string,
  server: EngineServer,
  peers: readonly Peer[],
  task: EngineTask,
  rounds: number,
  tell: (line: string) => void,
): Promise<CallsResult> {
  const found = new Map<string, Round[]>(peers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const shift = round % peers.length;
    for (const peer of [...peers.slice(shift), ...peers.slice(0, shift)]) {
      const cpuMs = cpuMsOf(server.pid) ?? 0;
      const startMs = performance.now();
      const measure = await peer.run(task);
      const share = ((cpuMsOf(server.pid) ?? 0) - cpuMs) / (performance.now() - startMs);
      found.get(peer.name)?.push({ ...measure, serverShare: share });
      tell(
        `${serverName}, round ${round + 1}, ${peer.name}: ${Math.round(measure.callsPerSecond)} calls/s`,
      );
    }
  }
  const ours = found.get(OURS) ?? [];
  return {
    server: serverName,
    sides: peers.map(({ name, settings }) => sideOf(name, settings, found.get(name) ?? [], ours)),
  };
}

function sideOf(name: string, settings: string, rounds: Round[], ours: Round[]): SideResult {
  const against = (figure: (round: Round) => number) =>
    spreadOf(rounds.map((round, index) => figure(ours[index] ?? round) / figure(round)));
  return {
    name,
    settings,
    rounds,
    callsPerSecond: spreadOf(rounds.map((round) => round.callsPerSecond)),
    cpuUsPerCall: spreadOf(rounds.map((round) => round.cpuUsPerCall)),
    peakRssBytes: Math.max(...rounds.map((round) => round.peakRssBytes)),
    callsRatio: against((round) => round.callsPerSecond),
    cpuRatio: against((round) => round.cpuUsPerCall),
  };
}

export function callsTable({ server, sides }: CallsResult): string {
  const table = new Table({
    head: [
      server,
      'calls/s',
      'CPU µs/call',
      'peak MB',
      'server CPU',
      'failed',
      'ours ÷ its calls/s',
      'ours ÷ its CPU',
    ],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const side of sides) {
    const share = spreadOf(side.rounds.map((round) => round.serverShare)).median;
    table.push([
      `${side.name}\n${side.settings}`,
      formatSpread(side.callsPerSecond, 0),
      formatSpread(side.cpuUsPerCall),
      (side.peakRssBytes / 1e6).toFixed(0),
      `${(share * 100).toFixed(0)} %`,
      side.rounds.reduce((sum, round) => sum + round.failed, 0),
      formatSpread(side.callsRatio, 1),
      formatSpread(side.cpuRatio),
    ]);
  }
  return table.toString();
}
