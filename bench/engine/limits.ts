/** What one thread of the wire driver reaches by itself: streams, pacing, memory. */
import Table from 'cli-table3';
import { type CallCost, type LoopOptions, runLoop } from '../loop-cost.js';

const MB = 1e6;

export interface Limit {
  readonly name: string;
  /** What is asked of it. */
  readonly wanted: string;
  readonly reached: string;
  readonly isMet: boolean;
  readonly cost: CallCost;
}

interface LimitCase {
  readonly name: string;
  readonly wanted: string;
  readonly options: Omit<LoopOptions, 'address'>;
  judge(cost: CallCost): { reached: string; isMet: boolean };
}

const wire = (channels: number) => ({ driver: 'wire', channels });

const streams = (count: number, messages: { kind: string; options: number }) => ({
  name: 'chat',
  call: { kind: 'chat', options: { messages, messageSize: 9, roomSize: 2 } },
  arrivals: { kind: 'closed', options: count },
  inFlightMax: 1_000_000,
});

/** Longest run of the memory case: at half the speed of a quiet machine it gets there. */
const CASES: readonly LimitCase[] = [
  {
    name: 'messages echoed on 1,000 bidi streams, each timed',
    wanted: '2 M/s on one thread',
    options: {
      seconds: 5,
      client: wire(2),
      load: streams(1_000, { kind: 'closed', options: 64 }),
    },
    judge(cost) {
      const perSecond = (cost.messages ?? 0) / cost.seconds;
      const cpuUs = (cost.cpuSeconds * 1e6) / (cost.messages ?? 1);
      return {
        reached: `${(perSecond / 1e6).toFixed(2)} M/s, ${cpuUs.toFixed(2)} µs of CPU each`,
        isMet: perSecond >= 2e6,
      };
    },
  },
  ...[10_000, 100_000].map((count): LimitCase => {
    const isMemoryAsked = count === 10_000;
    return {
      name: `${count} open bidi streams, a message a second each`,
      wanted: isMemoryAsked ? '200 MB resident' : 'possible',
      options: {
        seconds: 5,
        // Opening all at once takes its time.
        warmUpSeconds: count / 10_000 + 4,
        client: wire(4),
        pacing: 'precise',
        load: streams(count, { kind: 'constant', options: 1 }),
      },
      judge(cost) {
        const { inFlight = 0, messages = 0, missed = 0, peakRssBytes, messageLatency } = cost;
        const isComplete = inFlight === count && missed === 0 && messages > count * 4.5;
        const isSmall = !isMemoryAsked || peakRssBytes <= 200 * MB;
        return {
          reached:
            `${inFlight} open, ${Math.round(messages / cost.seconds)} messages/s heard, ` +
            `${missed} missed, p99 ${messageLatency?.p99} µs, ` +
            `${(peakRssBytes / MB).toFixed(0)} MB`,
          isMet: isComplete && isSmall,
        };
      },
    };
  }),
  {
    name: '20,000 calls/s, precise pacing',
    wanted: 'lateness p50 10 µs, p99 200 µs',
    options: {
      seconds: 5,
      client: wire(2),
      pacing: 'precise',
      arrivals: { kind: 'constant', options: 20_000 },
    },
    judge({ lateness, missed }) {
      return {
        reached: `p50 ${lateness?.p50} µs, p99 ${lateness?.p99} µs, ${missed} missed`,
        isMet: lateness !== undefined && lateness.p50 <= 10 && lateness.p99 <= 200 && missed === 0,
      };
    },
  },
  {
    name: 'resident memory after 50 M calls, beside after 1 M',
    wanted: '10 MB more',
    options: {
      seconds: 1,
      warmUpSeconds: 1,
      client: wire(2),
      inFlight: 2_000,
      fromCalls: 1e6,
      untilCalls: 50e6,
    },
    judge({ rssBytesBefore, rssBytes }) {
      const grown = (rssBytes - rssBytesBefore) / MB;
      return {
        reached:
          `${(rssBytesBefore / MB).toFixed(0)} → ${(rssBytes / MB).toFixed(0)} MB ` +
          `(${grown >= 0 ? '+' : ''}${grown.toFixed(1)})`,
        isMet: grown <= 10,
      };
    },
  },
];

/** One after the other, against one server. */
export async function measureLimits(
  address: string,
  tell: (line: string) => void,
): Promise<Limit[]> {
  const limits: Limit[] = [];
  for (const { name, wanted, options, judge } of CASES) {
    tell(name);
    const cost = await runLoop('squall-side', { address, ...options });
    limits.push({ name, wanted, ...judge(cost), cost });
  }
  return limits;
}

export function limitsTable(limits: readonly Limit[]): string {
  const table = new Table({
    head: ['wire driver, one thread', 'wanted', 'reached', ''],
    style: { head: [], border: [] },
  });
  for (const { name, wanted, reached, isMet } of limits) {
    table.push([name, wanted, reached, isMet ? 'met' : 'NOT MET']);
  }
  return table.toString();
}
