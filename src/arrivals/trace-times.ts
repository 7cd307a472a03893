/**
 * A file of times: comes in text with one time a line, go out the times in ns, or every mistake in it
 * by its line.
 *
 *   # requests of Tuesday noon
 *   0.25          seconds
 *   1732291200.5  seconds since whenever: what counts is the difference
 *   1m30s         a duration with its units
 */
import { NS_PER_SECOND } from '../base/clock.js';
import { parseDurationNs } from '../base/units.js';

/** More would make plans that nobody can keep. */
export const TRACE_TIMES_MAX = 1_000_000;

export interface TraceMistake {
  /** From 1; absent when it is about the file as a whole. */
  readonly line?: number;
  readonly message: string;
}

export type Trace =
  | { readonly timesNs: readonly number[] }
  | { readonly mistakes: readonly TraceMistake[] };

const SECONDS = /^(\d{1,15})(?:\.(\d{1,9}))?$/;
const SHOWN_CHARACTERS = 40;

/**
 * @param origin the time that counts as zero, written as in the file; the first time when absent.
 * @returns times from the origin on, none before the one above it.
 */
export function parseTrace(text: string, origin?: string): Trace {
  const mistakes: TraceMistake[] = [];
  const timesNs: number[] = [];
  let zero = origin === undefined ? undefined : momentOf(origin);
  let beforeNs = 0;
  let before: string | undefined;
  for (const [index, content] of text.split('\n').entries()) {
    const written = content.replace(/#.*/, '').trim();
    if (written === '') continue;
    const line = index + 1;
    const moment = momentOf(written);
    if (moment === undefined) {
      const got = JSON.stringify(written.slice(0, SHOWN_CHARACTERS));
      const message = `expected seconds (0.25) or a duration (250ms), got ${got}`;
      mistakes.push({ line, message });
      continue;
    }
    zero ??= moment;
    const timeNs = (moment.seconds - zero.seconds) * NS_PER_SECOND + moment.ns - zero.ns;
    if (timeNs < beforeNs) {
      const what =
        before === undefined ? `the origin, ${origin}` : `${before}, which stands above it`;
      mistakes.push({ line, message: `${written} is before ${what}` });
      continue;
    }
    if (!Number.isSafeInteger(timeNs)) {
      mistakes.push({ line, message: `${written} is too long after the first time` });
      continue;
    }
    beforeNs = timeNs;
    before = written;
    timesNs.push(timeNs);
  }
  if (timesNs.length > TRACE_TIMES_MAX) {
    mistakes.push({ message: `${timesNs.length} times are too many: ${TRACE_TIMES_MAX} at most` });
  }
  if (timesNs.length === 0 && mistakes.length === 0) mistakes.push({ message: 'no time is in it' });
  return mistakes.length > 0 ? { mistakes } : { timesNs };
}

/** Whole seconds and the rest in ns: seconds since 1970 with nine decimals fit in no single number. */
interface Moment {
  readonly seconds: number;
  readonly ns: number;
}

function momentOf(text: string): Moment | undefined {
  const [, seconds, fraction = ''] = SECONDS.exec(text) ?? [];
  if (seconds !== undefined) {
    return { seconds: Number(seconds), ns: Number(fraction.padEnd(9, '0')) };
  }
  const ns = parseDurationNs(text);
  return ns === undefined ? undefined : { seconds: 0, ns };
}

/** Whether a text is a time as such a file may hold it. */
export function isTraceTime(text: string): boolean {
  return momentOf(text) !== undefined;
}
