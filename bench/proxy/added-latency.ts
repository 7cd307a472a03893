/**
 * What a proxy adds to the latency of calls that come at a steady rate: our wire driver in an open loop,
 * precisely paced, to the server directly and through each proxy, in turn.
 *
 * Server and proxy, nearly idle, share a core. The load is kept to none: it spins, and takes the other
 * one, but a spinning thread that cannot move waits for whatever else comes to run there.
 */
import Table from 'cli-table3';
import { formatSpread, type Spread, spreadOf } from '../engine/spread.js';
import { runLoop } from '../loop-cost.js';
import { PROXY_CORE, pinToCore } from './core-pin.js';
import type { ProxyKind } from './proxy-kind.js';

export const RATE_PER_SECOND = 10_000;

interface Percentiles {
  /** Of all calls of the stretch, from when they were due, in µs. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** Calls that could not be sent, and that did not end well. */
  readonly missed: number;
  readonly failed: number;
  /** The load's own: how late it sent. */
  readonly lateP99Us: number;
}

export interface AddedLatency {
  readonly name: string;
  readonly rounds: readonly Percentiles[];
  readonly p50Us: Spread;
  readonly p99Us: Spread;
  /** Over the direct calls of the same round. */
  readonly addedP50Us: Spread;
  readonly addedP99Us: Spread;
}

const DIRECT = 'direct';

async function timeCalls(address: string, seconds: number): Promise<Percentiles> {
  const {
    latency,
    lateness,
    missed = 0,
    failed,
  } = await runLoop('squall-side', {
    address,
    seconds,
    // So that a proxy which falls behind has long times to show, and not none.
    deadlineSeconds: 30,
    client: { driver: 'wire', channels: 2 },
    pacing: 'precise',
    arrivals: { kind: 'constant', options: RATE_PER_SECOND },
  });
  if (latency === undefined) throw new Error(`no call at ${address} ended well`);
  const unsaid = { missed, failed, lateP99Us: lateness?.p99 ?? 0 };
  return { p50Us: latency.p50, p99Us: latency.p99, ...unsaid };
}

export async function addedLatencies(
  kinds: readonly ProxyKind[],
  upstream: string,
  folder: string,
  options: { readonly rounds: number; readonly seconds: number },
  tell: (line: string) => void,
): Promise<AddedLatency[]> {
  const names = [DIRECT, ...kinds.map(({ name }) => name)];
  const found = new Map<string, Percentiles[]>(names.map((name) => [name, []]));
  for (let round = 0; round < options.rounds; round++) {
    const shift = round % names.length;
    for (const name of [...names.slice(shift), ...names.slice(0, shift)]) {
      const kind = kinds.find((one) => one.name === name);
      await using side = await kind?.start(folder, upstream);
      if (side !== undefined) pinToCore(side.pid, PROXY_CORE);
      const seen = await timeCalls(side?.address ?? upstream, options.seconds);
      found.get(name)?.push(seen);
      tell(`latency, round ${round + 1}, ${name}: p50 ${seen.p50Us} µs, p99 ${seen.p99Us} µs`);
    }
  }
  const direct = found.get(DIRECT) ?? [];
  return names.map((name) => latencyOf(name, found.get(name) ?? [], direct));
}

function latencyOf(
  name: string,
  rounds: readonly Percentiles[],
  direct: readonly Percentiles[],
): AddedLatency {
  const over = (figure: (one: Percentiles) => number) =>
    spreadOf(rounds.map((one, round) => figure(one) - figure(direct[round] ?? one)));
  return {
    name,
    rounds,
    p50Us: spreadOf(rounds.map(({ p50Us }) => p50Us)),
    p99Us: spreadOf(rounds.map(({ p99Us }) => p99Us)),
    addedP50Us: over(({ p50Us }) => p50Us),
    addedP99Us: over(({ p99Us }) => p99Us),
  };
}

export function latencyTable(latencies: readonly AddedLatency[]): string {
  const table = new Table({
    head: [
      `${RATE_PER_SECOND} calls/s`,
      ...['p50 µs', 'p99 µs', 'added p50 µs', 'added p99 µs', 'missed, failed'],
    ],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const { name, rounds, p50Us, p99Us, addedP50Us, addedP99Us } of latencies) {
    const added =
      name === DIRECT ? ['', ''] : [formatSpread(addedP50Us, 0), formatSpread(addedP99Us, 0)];
    const lost = rounds.reduce((sum, { missed, failed }) => sum + missed + failed, 0);
    table.push([name, formatSpread(p50Us, 0), formatSpread(p99Us, 0), ...added, lost]);
  }
  return table.toString();
}
