/**
 * Quantities with their units, as scenario files write them.
 *
 * A unit is never optional: `deadline: 500` is a mistake, `deadline: 500ms` is not. Each schema takes
 * the text and gives the number in the one unit the program uses throughout.
 *
 *   | schema     | text                        | number              |
 *   | ---------- | --------------------------- | ------------------- |
 *   | `duration` | `250ms` `1m30s` `1.5s` `0s` | whole nanoseconds   |
 *   | `rate`     | `500/s` `30/min`            | per second          |
 *   | `size`     | `64KiB` `1MB` `512B`        | whole bytes         |
 *   | `byteRate` | `64KiB/s` `1MB/min`         | bytes per second    |
 *   | `share`    | `25%`                       | fraction in [0, 1]  |
 */
import { z } from 'zod';

const NS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
};
const SECONDS_PER_UNIT: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  min: 60,
  m: 60,
  h: 3600,
};
const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|min|s|m|h))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|min|s|m|h)/g;
const RATE = /^(\d+(?:\.\d+)?)\/(s|sec|min|m|h)$/;
const SIZE = /^(\d+(?:\.\d+)?)(B|kB|KB|MB|GB|KiB|MiB|GiB)$/;
const BYTE_RATE = /^([^/]+)\/(s|sec|min|m|h)$/;
const SHARE = /^(\d+(?:\.\d+)?)%$/;

/** Nanoseconds of a duration such as `1m30s`, or undefined when the text is not one. */
export function parseDurationNs(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let ns = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) {
    ns += Number(amount) * (NS_PER_UNIT[unit ?? ''] ?? Number.NaN);
  }
  return Math.round(ns);
}

/** Events per second of a rate such as `500/s`, or undefined when the text is not one. */
export function parseRatePerSecond(text: string): number | undefined {
  const match = RATE.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) / (SECONDS_PER_UNIT[match[2] ?? ''] ?? Number.NaN);
}

/** Bytes of a size such as `64KiB`, or undefined when the text is not one. */
export function parseSizeBytes(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * (BYTES_PER_UNIT[match[2] ?? ''] ?? Number.NaN));
}

/** Bytes per second of a rate such as `64KiB/s`, or undefined when the text is not one. */
export function parseBytesPerSecond(text: string): number | undefined {
  const [, amount = '', unit = ''] = BYTE_RATE.exec(text) ?? [];
  const bytes = parseSizeBytes(amount);
  return bytes === undefined ? undefined : bytes / (SECONDS_PER_UNIT[unit] ?? Number.NaN);
}

/** Fraction of a share such as `25%`, or undefined when the text is not one. */
export function parseShare(text: string): number | undefined {
  const match = SHARE.exec(text);
  return match === null ? undefined : Number(match[1]) / 100;
}

/**
 * A schema for text with a unit. A bare number is refused with the unit it lacks, a negative one as
 * such, anything else with an example.
 */
function quantity(what: string, example: string, parse: (text: string) => number | undefined) {
  return z
    .any()
    .superRefine((value: unknown, context) => {
      const text = typeof value === 'number' ? String(value) : value;
      if (typeof text === 'string' && parse(text) !== undefined) return;
      const got = typeof text === 'string' ? `"${text}"` : kindOf(value);
      const bare = typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text);
      const negative = typeof text === 'string' && text.startsWith('-');
      context.addIssue({
        code: 'custom',
        message: negative
          ? `a ${what} cannot be negative, got ${got}`
          : bare
            ? `a ${what} needs a unit, got ${got}`
            : `expected a ${what}, got ${got}`,
        params: { hint: `for example ${example}` },
      });
    })
    .transform((value: unknown): number => parse(String(value)) ?? Number.NaN);
}

/** What a value is, in the words of YAML: for "expected …, got …". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? `"${value}"` : String(value);
}

/** A duration; gives whole nanoseconds, zero allowed. */
export const duration = () => quantity('duration', '250ms, 1.5s or 1m30s', parseDurationNs);

/** A duration above zero; gives whole nanoseconds. */
export const positiveDuration = () =>
  duration().refine((ns) => !(ns <= 0), { message: 'a duration above zero is needed here' });

/** A rate above zero; gives events per second. */
export const rate = () =>
  quantity('rate', '500/s or 30/min', parseRatePerSecond).refine((perSecond) => !(perSecond <= 0), {
    message: 'a rate above zero is needed here',
  });

/** A size; gives whole bytes. */
export const size = () => quantity('size', '64KiB or 1MB', parseSizeBytes);

/** A rate of bytes above zero; gives bytes per second. */
export const byteRate = () =>
  quantity('rate of bytes', '64KiB/s', parseBytesPerSecond).refine((rate) => !(rate <= 0), {
    message: 'a rate above zero is needed here',
  });

/** What a peer may send before it is read (RFC 9113 §6.9): a size from 1 B to 2^31 - 1 B. */
export const windowSize = () =>
  size().refine((bytes) => !(bytes < 1 || bytes > 2_147_483_647), {
    message: 'a window is at least 1B and below 2GiB',
  });

/** A share of a whole; gives a fraction from 0 to 1. */
export const share = () =>
  quantity('share', '25%', parseShare).refine((fraction) => !(fraction > 1), {
    message: 'a share is at most 100%',
  });

/** A share above zero. */
export const positiveShare = () =>
  share().refine((fraction) => !(fraction <= 0), { message: 'a share above 0% is needed here' });

/** A duration in the largest unit that keeps it short: `250 ms`, `1.5 s`, `12 µs`. */
export function formatDuration(ns: number): string {
  const magnitude = Math.abs(ns);
  if (magnitude >= 1e9) return `${trim(ns / 1e9)} s`;
  if (magnitude >= 1e6) return `${trim(ns / 1e6)} ms`;
  if (magnitude >= 1e3) return `${trim(ns / 1e3)} µs`;
  return `${trim(ns)} ns`;
}

/** Three significant digits at most after the point, no trailing zeros. */
function trim(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}
