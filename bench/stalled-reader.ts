/**
 * What one stalled reader per room costs the others of its room.
 *
 *   npm run bench:stalled-reader [-- --rounds 5 --seconds 15 --streams 5000 --rooms 50 --quick]
 *
 * Chat streams of the wire driver in rooms on one wire server, all saying something now and then. In the
 * variant `all-read` everybody reads; in `one-stalled` the last member of each room never does, so that
 * its window is used up, its outbox full and the oldest of what waits for it dropped before anything is
 * measured. The variants alternate. Compared is the latency of messages at all other members, from the
 * moment a message was due; what stalled members do not hear is counted on its own.
 *
 * The load is far below what two cores carry, and windows and outboxes are small, so that a stall is
 * complete within seconds; both are the same in both variants.
 */
import Table from 'cli-table3';
import type { PhaseSummary } from '../src/metrics/summary.js';
import { benchOptions } from './bench-options.js';
import { formatSpread, spreadOf } from './engine/spread.js';
import { type Measured, runProduct } from './truth/product-run.js';

const { values } = benchOptions({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '15' },
    streams: { type: 'string', default: '5000' },
    rooms: { type: 'string', default: '50' },
    /** Messages of each stream, per second. */
    rate: { type: 'string', default: '0.1' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const VARIANTS = ['all-read', 'one-stalled'] as const;
type Variant = (typeof VARIANTS)[number];

/** Of a size that a stall uses up in about a second, and fills in another two. */
const WINDOW = '1KiB';
const OUTBOX_MESSAGES = 20;
const WARM_UP_SECONDS = 6;
/** The mission's bound: how much higher the others' p99 may be. */
const RATIO_MAX = 1.1;

const streams = values.quick ? 500 : Number(values.streams);
const rooms = values.quick ? 5 : Number(values.rooms);
const seconds = values.quick ? 3 : Number(values.seconds);
const rounds = values.quick ? 2 : Number(values.rounds);
const roomSize = Math.floor(streams / rooms);

function run(variant: Variant, round: number): Promise<Measured> {
  return runProduct({
    driver: 'wire',
    // The same messages at the same times in both variants of a round.
    seed: Number(values.seed) + round,
    seconds,
    warmUpSeconds: WARM_UP_SECONDS,
    arrivals: { closed: roomSize * rooms },
    targets: {
      server: 'wire',
      outbox: { messages: OUTBOX_MESSAGES, whenFull: 'drop-oldest' },
    },
    client: { streamWindow: WINDOW, connections: 4 },
    load: {
      call: 'chat',
      roomSize,
      messages: { poisson: `${values.rate}/s` },
      ...(variant === 'one-stalled' && { slowReaders: { perRoom: 1 } }),
    },
  });
}

interface Figures {
  readonly phase: PhaseSummary;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly dropped: number;
  readonly invalid: string | undefined;
}

/** @throws Error when the run did not do what it is for: then its figures would mean something else. */
function figuresOf(variant: Variant, { phase, invalid }: Measured): Figures {
  const { streams: heard, chat } = phase;
  const { p50, p99 } = heard?.messageLatencyUs ?? {};
  if (p50 === undefined || p99 === undefined) throw new Error('no message was heard');
  const dropped = chat?.dropped ?? 0;
  if (dropped > 0 !== (variant === 'one-stalled')) {
    throw new Error(`${variant}: ${dropped} messages were dropped, which is not what it is about`);
  }
  return { phase, p50Us: p50, p99Us: p99, dropped, invalid };
}

const found: Record<Variant, Figures>[] = [];
for (let round = 0; round < rounds; round++) {
  const order = round % 2 === 0 ? VARIANTS : VARIANTS.toReversed();
  const figures: Partial<Record<Variant, Figures>> = {};
  for (const variant of order) figures[variant] = figuresOf(variant, await run(variant, round));
  found.push(figures as Record<Variant, Figures>);
}

const ratioOf = (of: (figures: Figures) => number) =>
  spreadOf(found.map((round) => of(round['one-stalled']) / of(round['all-read'])));
const p99 = ratioOf(({ p99Us }) => p99Us);
const p50 = ratioOf(({ p50Us }) => p50Us);
const isKept = p99.median < RATIO_MAX;

if (values.json) {
  process.stdout.write(`${JSON.stringify({ p50, p99, isKept, rounds: found }, null, 2)}\n`);
} else {
  const table = new Table({
    head: [
      'round',
      'variant',
      'heard/s',
      'p50 µs',
      'p99 µs',
      'dropped/s',
      'held at once',
      'invalid',
    ],
    style: { head: [], border: [] },
    colAligns: ['right', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
  });
  found.forEach((round, index) => {
    for (const variant of VARIANTS) {
      const { phase, p50Us, p99Us, dropped, invalid } = round[variant];
      table.push([
        index + 1,
        variant,
        Math.round((phase.streams?.messagesReceived ?? 0) / seconds),
        Math.round(p50Us),
        Math.round(p99Us),
        Math.round(dropped / seconds),
        phase.chat?.heldMessagesMax ?? 0,
        invalid ?? '',
      ]);
    }
  });
  process.stdout.write(
    `${streams} streams in ${rooms} rooms, ${values.rate} messages/s of each\n${table.toString()}\n` +
      `one stalled ÷ all read, at the others: p99 ${formatSpread(p99)}, p50 ${formatSpread(p50)}; ` +
      `p99 below ${RATIO_MAX}: ${isKept ? 'yes' : 'no'}\n`,
  );
}
process.exitCode = isKept ? 0 : 1;
