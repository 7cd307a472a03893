import { z } from 'zod';
import { NS_PER_MS, NS_PER_SECOND } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import { readNamedFile } from '../base/named-file.js';
import { positiveDuration } from '../base/units.js';
import { defineOpenArrival } from './arrival.js';
import { gapText, timesOfGapText } from './gap-text.js';
import { isTraceTime, parseTrace, type TraceMistake } from './trace-times.js';

/** Mistakes of a file that are listed; the others are counted. */
const MISTAKES_MAX = 20;
/** The peak is that of the densest run of so many gaps, so that two calls at once are not one. */
const PEAK_GAPS = 100;

/** What a plan keeps: everything, so that the file may change or go. */
interface Replay {
  /** For people. */
  readonly file: string;
  readonly count: number;
  /** The times in the file's own time (`gap-text.ts`). */
  readonly gaps: string;
  /** Of the file's time, per second. */
  readonly peakPerSecond: number;
  readonly speed: number;
  /** In the file's time; absent: once. */
  readonly repeatNs?: number;
}

/** A file says times as a number of seconds or as text; YAML makes numbers of the former. */
const traceTime = z
  .union([z.string(), z.number().transform(String)])
  .refine(isTraceTime, { message: 'expected seconds (0.25) or a duration (250ms)' });

const schema = z
  .strictObject({
    /** Relative to the scenario file; one time a line. */
    file: z.string().min(1),
    /** Times as fast as it was: 2 is twice. */
    speed: z.number().positive().max(1e6).default(1),
    /** It begins again every so long, in the file's time; once when absent. */
    repeat: positiveDuration().optional(),
    /** The time in the file at which the load begins; its first time when absent. */
    origin: traceTime.optional(),
  })
  .transform((options, context): Replay => {
    const read = readTrace(options.file, options.origin);
    if ('mistakes' in read) {
      for (const mistake of listed(read.mistakes)) {
        const place = mistake.line === undefined ? read.path : `${read.path}:${mistake.line}`;
        const params = { where: place };
        context.addIssue({ code: 'custom', path: ['file'], message: mistake.message, params });
      }
      return z.NEVER;
    }
    const { timesNs } = read;
    const { file, speed, repeat: repeatNs } = options;
    const lastNs = timesNs.at(-1) ?? 0;
    if (repeatNs !== undefined && repeatNs <= lastNs) {
      const message = `begins again before its end, ${lastNs / NS_PER_SECOND} s after its beginning`;
      context.addIssue({ code: 'custom', path: ['repeat'], message });
      return z.NEVER;
    }
    return {
      file,
      count: timesNs.length,
      gaps: gapText(timesNs),
      peakPerSecond: peakOf(timesNs),
      speed,
      ...(repeatNs === undefined ? {} : { repeatNs }),
    };
  });

/**
 * Calls when they were once made: due times from a file, for a load with the bursts, lulls and rhythm
 * of a real one.
 */
export const replay = defineOpenArrival({
  kind: 'replay',
  loop: 'open',
  summary: 'Due times from a file, one a line: as they were, faster or slower, once or over again.',
  schema,
  peakRatePerSecond: ({ peakPerSecond, speed }) => peakPerSecond * speed,
  dueTimes({ gaps, speed, repeatNs }) {
    let startNs = 0;
    let nextNs = timesOfGapText(gaps);
    return () => {
      let timeNs = nextNs();
      if (timeNs === undefined) {
        if (repeatNs === undefined) return Number.POSITIVE_INFINITY;
        startNs += repeatNs;
        nextNs = timesOfGapText(gaps);
        timeNs = nextNs() ?? 0;
      }
      return (startNs + timeNs) / speed;
    };
  },
});

type ReadTrace =
  | { readonly timesNs: readonly number[] }
  | { readonly path: string; readonly mistakes: readonly TraceMistake[] };

function readTrace(name: string, origin: string | undefined): ReadTrace {
  try {
    const { path, text } = readNamedFile(name);
    return { path, ...parseTrace(text, origin) };
  } catch (error) {
    return { path: name, mistakes: [{ message: `it cannot be read: ${messageOf(error)}` }] };
  }
}

function listed(mistakes: readonly TraceMistake[]): readonly TraceMistake[] {
  const more = mistakes.length - MISTAKES_MAX;
  if (more <= 1) return mistakes;
  return [...mistakes.slice(0, MISTAKES_MAX), { message: `${more} more lines are wrong` }];
}

function peakOf(timesNs: readonly number[]): number {
  const gaps = Math.min(PEAK_GAPS, timesNs.length - 1);
  let shortestNs = Number.POSITIVE_INFINITY;
  for (let at = gaps; at < timesNs.length; at++) {
    shortestNs = Math.min(shortestNs, (timesNs[at] ?? 0) - (timesNs[at - gaps] ?? 0));
  }
  return (gaps * NS_PER_SECOND) / Math.max(shortestNs, NS_PER_MS);
}
