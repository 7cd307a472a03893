/** Resident memory of a proxy through which many streams are open that say next to nothing. */
import Table from 'cli-table3';
import { peakRssBytesOf, rssBytesOf } from '../engine/process-cost.js';
import { runLoop } from '../loop-cost.js';
import { median } from '../median.js';
import type { ProxyKind } from './proxy-kind.js';

export const STREAMS = 10_000;

export interface IdleStreams {
  readonly name: string;
  /** Streams that were open at the end. */
  readonly open: number;
  /** With the streams open, and the most until then. */
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  /** Before the first client. */
  readonly rssBytesBefore: number;
}

/** A message a minute each: not one of them need come within the run. */
const LOAD = {
  name: 'idle',
  call: {
    kind: 'chat',
    options: { messages: { kind: 'constant', options: 1 / 60 }, messageSize: 9 },
  },
  arrivals: { kind: 'closed', options: STREAMS },
  inFlightMax: 1_000_000,
};

const SECONDS = 2;
const LOOK_MS = 50;

export async function idleStreams(
  kinds: readonly ProxyKind[],
  upstream: string,
  folder: string,
  tell: (line: string) => void,
): Promise<IdleStreams[]> {
  const found: IdleStreams[] = [];
  for (const kind of kinds) {
    tell(`${STREAMS} idle streams, ${kind.name}`);
    found.push(await idleStreamsOf(kind, upstream, folder));
  }
  return found;
}

async function idleStreamsOf(
  kind: ProxyKind,
  upstream: string,
  folder: string,
): Promise<IdleStreams> {
  await using side = await kind.start(folder, upstream, STREAMS);
  const rssBytesBefore = rssBytesOf(side.pid) ?? 0;
  // The streams are gone when the load has reported: what counts are looks while they stand.
  const looks: number[] = [];
  const timer = setInterval(() => looks.push(rssBytesOf(side.pid) ?? 0), LOOK_MS);
  try {
    const { inFlight = 0 } = await runLoop('squall-side', {
      address: side.address,
      seconds: SECONDS,
      warmUpSeconds: 4,
      client: { driver: 'wire', channels: 4 },
      load: LOAD,
    });
    const within = looks.slice(-(SECONDS * 1e3) / LOOK_MS);
    return {
      name: kind.name,
      open: inFlight,
      rssBytes: median(within),
      peakRssBytes: peakRssBytesOf(side.pid) ?? 0,
      rssBytesBefore,
    };
  } finally {
    clearInterval(timer);
  }
}

export function idleStreamsTable(found: readonly IdleStreams[]): string {
  const table = new Table({
    head: [`${STREAMS} idle streams`, 'open', 'MB before', 'MB', 'peak MB'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right'],
  });
  const mb = (bytes: number) => (bytes / 1e6).toFixed(0);
  for (const { name, open, rssBytesBefore, rssBytes, peakRssBytes } of found) {
    table.push([name, open, mb(rssBytesBefore), mb(rssBytes), mb(peakRssBytes)]);
  }
  return table.toString();
}
