/** Replays: from any file to due times, and from wrong ones to all their mistakes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readingFiles } from '../base/named-file.js';
import { createRng } from '../base/rng.js';
import type { NextDueNs } from './arrival.js';
import { gapText, timesOfGapText } from './gap-text.js';
import { replay } from './replay.js';
import { parseTrace } from './trace-times.js';

function scheduleOf(text: string, options: object = {}): NextDueNs {
  const read = (path: string) => ({ path, text });
  const parsed = readingFiles(read, () => replay.schema.parse({ file: 'times.txt', ...options }));
  // A plan is JSON: what the schedule needs must survive it.
  return replay.dueTimes(JSON.parse(JSON.stringify(parsed)), createRng(1, 'x'));
}

function dueTimes(text: string, count: number, options: object = {}): number[] {
  return Array.from({ length: count }, scheduleOf(text, options));
}

test('the first time is the load’s beginning, and after the last there is none', () => {
  const due = dueTimes('1732291200.5\n1732291200.500000001\n1732291201.75\n', 5);
  assert.deepEqual(due, [0, 1, 1.25e9, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

test('an origin keeps the time before the first, written as in the file', () => {
  assert.deepEqual(dueTimes('100.5\n102', 2, { origin: 100 }), [0.5e9, 2e9]);
  assert.deepEqual(dueTimes('250ms\n1m', 2, { origin: '0s' }), [0.25e9, 60e9]);
});

test('twice as fast, and over again: all of the file’s time shrinks', () => {
  // Rounds of 3 s at double speed begin every 1.5 s.
  assert.deepEqual(
    dueTimes('0\n1\n2.5', 7, { speed: 2, repeat: '3s' }),
    [0, 0.5e9, 1.25e9, 1.5e9, 2e9, 2.75e9, 3e9],
  );
});

test('pacing goes by the densest hundred, not by two at once', () => {
  const peakOf = (text: string, speed = 1) => {
    const read = (path: string) => ({ path, text });
    const options = readingFiles(read, () => replay.schema.parse({ file: 'x', speed }));
    return replay.peakRatePerSecond(options);
  };
  const everyMs = (from: number) => Array.from({ length: 200 }, (_, i) => `${from + i}ms`);
  assert.equal(Math.round(peakOf(everyMs(0).join('\n'))), 1000);
  assert.equal(Math.round(peakOf(['0s', '0s', ...everyMs(5000)].join('\n'), 4)), 4000);
  assert.equal(peakOf('0'), 0);
});

test('any times come out of a plan’s text as they went in', () => {
  const gap = fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: 0, max: 2 ** 31 }),
    fc.integer({ min: 0, max: 2 ** 45 }),
  );
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 60 }), (gaps) => {
      let timeNs = 0;
      const timesNs = gaps.map((ns) => (timeNs += ns));
      const next = timesOfGapText(gapText(timesNs));
      assert.deepEqual(Array.from(timesNs, next), timesNs);
      assert.equal(next(), undefined);
    }),
  );
});

test('any order of nanoseconds, written as seconds, is read exactly', () => {
  const nanoseconds = fc.bigInt({ min: 0n, max: 10n ** 18n });
  fc.assert(
    fc.property(nanoseconds, fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n })), (start, gaps) => {
      let at = start;
      const times = [start, ...gaps.map((gap) => (at += gap))];
      const written = times.map(
        (ns) => `${ns / 10n ** 9n}.${String(ns % 10n ** 9n).padStart(9, '0')}`,
      );
      const trace = parseTrace(written.join('\r\n'));
      assert.deepEqual(trace, { timesNs: times.map((ns) => Number(ns - start)) });
    }),
  );
});

test('every wrong line is told, by its number', () => {
  const text = '# a comment\n0.5\nsoon\n\n0.4\n-1\n0.7s # fine\n1e3\n0.6\n1.0000000001\n';
  assert.deepEqual(parseTrace(text), {
    mistakes: [
      { line: 3, message: 'expected seconds (0.25) or a duration (250ms), got "soon"' },
      { line: 5, message: '0.4 is before 0.5, which stands above it' },
      { line: 6, message: 'expected seconds (0.25) or a duration (250ms), got "-1"' },
      { line: 8, message: 'expected seconds (0.25) or a duration (250ms), got "1e3"' },
      { line: 9, message: '0.6 is before 0.7s, which stands above it' },
      { line: 10, message: 'expected seconds (0.25) or a duration (250ms), got "1.0000000001"' },
    ],
  });
  assert.deepEqual(parseTrace('1\n2', '1.5'), {
    mistakes: [{ line: 1, message: '1 is before the origin, 1.5' }],
  });
  assert.deepEqual(parseTrace('# nothing\n\n'), { mistakes: [{ message: 'no time is in it' }] });
});
