import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  byteRate,
  duration,
  formatDuration,
  parseDurationNs,
  parseRatePerSecond,
  rate,
  share,
  size,
} from './units.js';

test('durations give whole nanoseconds', () => {
  const table: [text: string, ns: number | undefined][] = [
    ['250ms', 250e6],
    ['1.5s', 1.5e9],
    ['1m30s', 90e9],
    ['100us', 100e3],
    ['100µs', 100e3],
    ['2h', 7200e9],
    ['0s', 0],
    ['500', undefined],
    ['5 s', undefined],
    ['-5s', undefined],
    ['5x', undefined],
    ['', undefined],
  ];
  for (const [text, ns] of table) assert.equal(parseDurationNs(text), ns, text);
});

test('rates give events per second', () => {
  assert.equal(parseRatePerSecond('500/s'), 500);
  assert.equal(parseRatePerSecond('30/min'), 0.5);
  assert.equal(parseRatePerSecond('500'), undefined);
});

test('sizes and shares give bytes and fractions', () => {
  assert.equal(size().parse('64KiB'), 65_536);
  assert.equal(size().parse('1MB'), 1e6);
  assert.equal(share().parse('25%'), 0.25);
  assert.equal(byteRate().parse('64KiB/s'), 65_536);
  assert.equal(byteRate().parse('30KB/min'), 500);
});

function messageFor(schema: { safeParse(value: unknown): unknown }, value: unknown): string {
  const result = schema.safeParse(value) as {
    success: boolean;
    error?: { issues: { message: string }[] };
  };
  assert.equal(result.success, false, `${String(value)} was accepted`);
  return result.error?.issues.map(({ message }) => message).join('; ') ?? '';
}

test('a missing unit, a negative value and nonsense are told apart', () => {
  assert.match(messageFor(duration(), 500), /needs a unit, got "500"/);
  assert.match(messageFor(duration(), '500'), /needs a unit/);
  assert.match(messageFor(rate(), '-5/s'), /cannot be negative/);
  assert.match(messageFor(rate(), 'fast'), /expected a rate, got "fast"/);
  assert.match(messageFor(rate(), '0/s'), /above zero/);
  assert.match(messageFor(share(), '120%'), /at most 100%/);
  assert.match(messageFor(byteRate(), '64KiB'), /expected a rate of bytes, got "64KiB"/);
  assert.match(messageFor(byteRate(), '64/s'), /expected a rate of bytes, got "64\/s"/);
  assert.match(messageFor(byteRate(), '0B/s'), /above zero/);
  assert.match(messageFor(duration(), null), /got nothing/);
});

test('durations are shown in the unit that keeps them short', () => {
  assert.equal(formatDuration(250e6), '250 ms');
  assert.equal(formatDuration(1.5e9), '1.5 s');
  assert.equal(formatDuration(12_345), '12.3 µs');
});
