/** Figures as people read them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countOf,
  formatBytes,
  formatCount,
  formatRate,
  formatRatio,
  formatShare,
  formatValue,
} from './figures.js';

test('figures', () => {
  const cases: readonly (readonly [string, string])[] = [
    [formatCount(1234567), '1,234,567'],
    [countOf(1, 'retry', 'retries'), '1 retry'],
    [countOf(2000, 'retry', 'retries'), '2,000 retries'],
    [formatShare(0), '0 %'],
    [formatShare(0.953), '95.3 %'],
    [formatShare(0.0025), '0.25 %'],
    [formatShare(1), '100 %'],
    // Never rounded into certainty.
    [formatShare(0.9997), '99.97 %'],
    [formatShare(0.999999), '> 99.99 %'],
    [formatShare(0.000001), '< 0.01 %'],
    [formatRatio(2), '2'],
    [formatRatio(1.875), '1.875'],
    [formatRatio(1.0004), '1.0004'],
    [formatRatio(64.04), '64'],
    [formatRate(1234.4), '1,234/s'],
    [formatRate(31.25), '31.3/s'],
    [formatRate(0.5), '0.5/s'],
    [formatValue(0, 'ms'), '0 ms'],
    [formatValue(0.25, 'ms'), '250 µs'],
    [formatValue(0.25, 'share'), '25 %'],
    [formatValue(300, '/s'), '300/s'],
    [formatValue(12, 'count'), '12'],
    [formatBytes(1_023), '1023 B'],
    [formatBytes(1_536), '1.5 KiB'],
    [formatValue(3 * 1024 ** 2, 'bytes'), '3 MiB'],
  ];
  for (const [got, expected] of cases) assert.equal(got, expected);
});
