/**
 * Bisection of a question whose answers are not certain: comes in the answer of one run after another,
 * goes out where to run next, and at last the boundary.
 *
 *     from ●───────────○───○──○─┬─○──────○───────────● to
 *          pass        pass  mixed     fail        fail
 *               steady until ▲       ▲ steady from
 *
 * A point is asked under one seed after another until most of `runs` answers agree. Which way to go
 * follows from that majority. When the two sides are close enough, both are asked under all seeds. The
 * bracket that is told is wider than the one that was halved where answers differ: on its one side no run
 * gave the other side's answer at all, and on its other side none gave this one's. What lies between is
 * decided by chance, or by what the machine did.
 *
 * Pure: no run, no clock.
 */

/** `open`: the run could not decide it. */
export type Answer = 'pass' | 'fail' | 'open';
type Side = Exclude<Answer, 'open'>;

export interface SearchOptions {
  readonly from: number;
  readonly to: number;
  /** Only whole values are asked. */
  readonly isWhole: boolean;
  /** Seeds of each point; odd, so that most of them agree. */
  readonly runs: number;
  /** How close the two sides have to be: their distance over the larger one. */
  readonly within: number;
}

/** One run that is wanted: a value, and which of its seeds, from 0. */
export interface Trial {
  readonly value: number;
  readonly run: number;
}

export interface Point {
  readonly value: number;
  readonly answers: readonly Answer[];
}

export type Boundary =
  | {
      readonly kind: 'found';
      /** What the runs said at `from`, for the most part. */
      readonly before: Side;
      /** The last value up to which no run said otherwise; absent where one did at `from` already. */
      readonly until?: number;
      /** The first value from which on no run said `before`; absent where one did at `to`. */
      readonly since?: number;
      /** Points at which some runs passed and others failed. */
      readonly mixed: readonly Point[];
    }
  /** Both ends are the same. */
  | { readonly kind: 'none'; readonly side: Side }
  /** At this value the runs could not decide it; `between`: what they had decided by then. */
  | {
      readonly kind: 'open';
      readonly value: number;
      readonly between?: { readonly before: Side; readonly near: number; readonly far: number };
    }
  /** It was not carried to its end. */
  | { readonly kind: 'unfinished' };

export interface Search {
  /** The run that is wanted next; undefined when there is nothing more to ask. */
  next(): Trial | undefined;
  /** The answer of the run that was wanted last. */
  answered(answer: Answer): void;
  /** From `from` to `to`. */
  points(): Point[];
  boundary(): Boundary;
}

/** Runs that decide nothing are made up for, up to so many times the runs of a point. */
const TRIES = 2;

const count = (answers: readonly Answer[], wanted: Answer) =>
  answers.filter((answer) => answer === wanted).length;

export function createSearch(options: SearchOptions): Search {
  const { from, to, runs } = options;
  const asked = new Map<number, Answer[]>();
  let pending: Trial | undefined;

  const answersAt = (value: number) => asked.get(value) ?? [];
  const sideAt = (value: number) => sideOf(answersAt(value), runs);
  const points = () =>
    [...asked]
      .map(([value, answers]) => ({ value, answers }))
      .sort((a, b) => (from < to ? a.value - b.value : b.value - a.value));

  /** Where it goes on, or why it does not. */
  const step = (): { readonly ask: number } | Boundary => {
    for (const end of [from, to]) {
      const side = sideAt(end);
      if (side === 'more') return { ask: end };
      if (side === 'open') return { kind: 'open', value: end };
    }
    const before = sideAt(from) as Side;
    if (before === sideAt(to)) return { kind: 'none', side: before };
    let [near, far] = [from, to];
    for (;;) {
      const middle = middleOf(near, far, options);
      if (middle === undefined) break;
      const side = sideAt(middle);
      if (side === 'more') return { ask: middle };
      if (side === 'open') {
        return { kind: 'open', value: middle, between: { before, near, far } };
      }
      if (side === before) near = middle;
      else far = middle;
    }
    const unsure = [near, far].find((value) => !isWhollyAsked(answersAt(value), runs));
    return unsure === undefined ? found(points(), before) : { ask: unsure };
  };

  return {
    next() {
      const way = step();
      pending = 'ask' in way ? { value: way.ask, run: answersAt(way.ask).length } : undefined;
      return pending;
    },
    answered(answer) {
      if (pending === undefined) throw new Error('an answer that nobody asked for');
      asked.set(pending.value, [...answersAt(pending.value), answer]);
      pending = undefined;
    },
    points,
    boundary() {
      const way = step();
      return 'ask' in way ? { kind: 'unfinished' } : way;
    },
  };
}

/** What most of a point's runs say; `more`: too few have been made to tell. */
function sideOf(answers: readonly Answer[], runs: number): Side | 'open' | 'more' {
  const most = Math.floor(runs / 2) + 1;
  if (count(answers, 'pass') >= most) return 'pass';
  if (count(answers, 'fail') >= most) return 'fail';
  return answers.length >= TRIES * runs ? 'open' : 'more';
}

function isWhollyAsked(answers: readonly Answer[], runs: number): boolean {
  const decided = answers.length - count(answers, 'open');
  return decided >= runs || answers.length >= TRIES * runs;
}

/** Three digits are enough for a value in between. */
const DIGITS = 3;
/** From this ratio on the middle is the geometric mean, so that small values are looked at, too. */
const WIDE = 2;

/** A value between two, or undefined when they are close enough, or neighbours. */
function middleOf(
  one: number,
  other: number,
  { isWhole, within }: SearchOptions,
): number | undefined {
  const [low, high] = one < other ? [one, other] : [other, one];
  if (high - low <= within * Math.max(Math.abs(low), Math.abs(high))) return undefined;
  const isWide = low > 0 && high / low > WIDE;
  const exact = isWide ? Math.sqrt(low * high) : (low + high) / 2;
  const short = Number(exact.toPrecision(DIGITS));
  const middle = isWhole ? Math.round(short) : short;
  const isBetween = (value: number) => low < value && value < high;
  return [middle, isWhole ? Math.floor(exact) : exact].find(isBetween);
}

function found(points: readonly Point[], before: Side): Boundary {
  const after = before === 'pass' ? 'fail' : 'pass';
  const firstOther = points.findIndex(({ answers }) => answers.includes(after));
  const lastSame = points.findLastIndex(({ answers }) => answers.includes(before));
  const until = points[firstOther - 1]?.value;
  const since = points[lastSame + 1]?.value;
  return {
    kind: 'found',
    before,
    ...(until === undefined ? {} : { until }),
    ...(since === undefined ? {} : { since }),
    mixed: points.filter(({ answers }) => answers.includes('pass') && answers.includes('fail')),
  };
}
