/**
 * Figures as people read them: `1,234`, `95 %`, `312/s`, `1.87`, `12.5 ms`.
 *
 * Rounding never crosses into certainty: a share just below one is not shown as 100 %, one just
 * above zero not as 0 %.
 */
import { formatDuration } from '../base/units.js';

/** A whole number with thousands separated: `1,234`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `1,234 attempts`, `1 attempt`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** How often: `once`, `1,234 times`. */
export function timesOf(count: number): string {
  return count === 1 ? 'once' : `${formatCount(count)} times`;
}

/** A fraction as a percentage: `95 %`, `0.25 %`, `99.97 %`. */
export function formatShare(fraction: number): string {
  const percent = fraction * 100;
  if (percent > 0 && percent < 0.01) return '< 0.01 %';
  if (percent > 99.99 && percent < 100) return '> 99.99 %';
  const digits = percent < 1 || (percent > 99 && percent < 100) ? 2 : 1;
  return `${Number(percent.toFixed(digits))} %`;
}

/** Events per second: `1,234/s`, `31.2/s`, `0.5/s`. */
export function formatRate(perSecond: number): string {
  return `${formatPerSecond(perSecond)}/s`;
}

/** The same without its unit, for a table whose heading says it. */
export function formatPerSecond(perSecond: number): string {
  return formatNumber(perSecond, perSecond >= 100 ? 0 : perSecond >= 10 ? 1 : 2);
}

/**
 * A ratio, with up to three decimals: `1.875`, `2`, `12.5`. One that is almost whole keeps a
 * fourth: 1.0004 attempts per call is not one.
 */
export function formatRatio(ratio: number): string {
  if (Math.abs(ratio) >= 10) return formatNumber(ratio, 1);
  const isAlmostWhole = !Number.isInteger(ratio) && Number.isInteger(Number(ratio.toFixed(3)));
  return formatNumber(ratio, isAlmostWhole ? 4 : 3);
}

/** Milliseconds in the unit that keeps them short: `250 ms`, `1.5 s`. */
export function formatMs(ms: number): string {
  return ms === 0 ? '0 ms' : formatDuration(ms * 1e6);
}

/** Microseconds in the unit that keeps them short: `12 µs`, `1.5 ms`. */
export function formatUs(us: number): string {
  return us === 0 ? '0 µs' : formatDuration(us * 1e3);
}

/** Bytes in the unit that keeps them short, with one decimal: `512 B`, `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${formatRatio(Math.round(bytes / 102.4) / 10)} KiB`;
  return `${formatRatio(Math.round(bytes / 1024 / 102.4) / 10)} MiB`;
}

/**
 * A value of a check or a gate, by its unit: `ms`, `share`, `/s`, `bytes`; other units are plain numbers.
 */
export function formatValue(value: number, unit: string): string {
  switch (unit) {
    case 'ms':
      return formatMs(value);
    case 'share':
      return formatShare(value);
    case '/s':
      return formatRate(value);
    case 'bytes':
      return formatBytes(value);
    default:
      return formatRatio(value);
  }
}

function formatNumber(value: number, digits: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
