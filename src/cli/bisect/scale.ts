/**
 * What a bisection moves along: comes in the two ends as they would stand in a scenario file (`200ms` and
 * `4s`), goes out numbers to halve, and the text of any value between them.
 */
import { NS_PER_MS } from '../../base/clock.js';
import { UserError } from '../../base/errors.js';
import {
  formatDuration,
  parseBytesPerSecond,
  parseDurationNs,
  parseRatePerSecond,
  parseShare,
  parseSizeBytes,
} from '../../base/units.js';

/** A quantity that a scenario knows. */
interface Kind {
  readonly name: string;
  parse(text: string): number | undefined;
  /** As a scenario file takes it. */
  write(value: number): string;
  /** As people read it. */
  show(value: number): string;
  /** Nothing lies between two neighbouring whole values. */
  readonly isWhole: boolean;
}

/** No more digits than a number carries, and none that say nothing. */
const plain = (value: number) => String(Number(value.toPrecision(12)));

function kind(
  name: string,
  parse: Kind['parse'],
  write: Kind['write'],
  more: Partial<Pick<Kind, 'show' | 'isWhole'>> = {},
): Kind {
  return { name, parse, write, show: write, isWhole: false, ...more };
}

const KINDS: readonly Kind[] = [
  kind('duration', parseDurationNs, (ns) => `${plain(ns / NS_PER_MS)}ms`, {
    show: formatDuration,
  }),
  kind('rate', parseRatePerSecond, (perSecond) => `${plain(perSecond)}/s`),
  kind('size', parseSizeBytes, (bytes) => `${bytes}B`, { isWhole: true }),
  kind('rate of bytes', parseBytesPerSecond, (perSecond) => `${Math.round(perSecond)}B/s`, {
    isWhole: true,
  }),
  kind('share', parseShare, (fraction) => `${plain(fraction * 100)}%`),
  kind('whole number', (text) => (/^-?\d+$/.test(text) ? Number(text) : undefined), String, {
    isWhole: true,
  }),
  kind('number', (text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined), plain),
];

/** Both ends, in one unit. `from` may be the larger one. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly isWhole: boolean;
  write(value: number): string;
  show(value: number): string;
}

/**
 * The scale between two texts.
 * @throws UserError when they are no quantities of one kind, or the same.
 */
export function scaleBetween(from: string, to: string): Scale {
  for (const { parse, ...rest } of KINDS) {
    const [low, high] = [parse(from), parse(to)];
    if (low === undefined || high === undefined) continue;
    if (low === high) {
      throw new UserError({ where: '--to', message: `there is nothing between ${from} and ${to}` });
    }
    return { from: low, to: high, ...rest };
  }
  throw new UserError({
    where: '--from, --to',
    message: `expected two quantities of one kind, got "${from}" and "${to}"`,
    hint: 'for example --from 200ms --to 4s, or 20/s and 200/s, 1% and 50%, 2 and 64',
  });
}
