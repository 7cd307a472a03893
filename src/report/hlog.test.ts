/** The interval log: read back with HdrHistogram's own reader. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistogramLogReader, listTags } from 'hdr-histogram-js';
import { matchGolden } from '../../test/support/golden.js';
import {
  aLoadLine,
  aVariantLine,
  okCalls,
  seconds,
  ZERO_UNIX_MS,
} from '../../test/support/record-lines.js';
import { syntheticPlan, syntheticRecord } from '../../test/support/synthetic-run.js';
import type { RecordLine } from '../metrics/record.js';
import { createIntervalLog } from './hlog.js';

function logOf(lines: Iterable<RecordLine>): string {
  const parts: string[] = [];
  const log = createIntervalLog(seconds(1), (text) => parts.push(text));
  for (const line of lines) log.add(line);
  log.close();
  return parts.join('');
}

function readAll(text: string) {
  const reader = new HistogramLogReader(text);
  const read = [];
  for (
    let one = reader.nextIntervalHistogram();
    one !== null;
    one = reader.nextIntervalHistogram()
  ) {
    read.push(one);
  }
  return read;
}

test('a line per interval, variant, load and metric, workers added up', () => {
  const text = logOf(syntheticRecord());
  assert.deepEqual(listTags(text).sort(), [
    'no-retry/say/latency',
    'no-retry/say/serviceTime',
    'retry/say/latency',
    'retry/say/serviceTime',
  ]);
  const all = readAll(text);
  assert.equal(all.length, 15 * 4);
  // Two workers with 200 calls each.
  assert.ok(all.every(({ totalCount }) => totalCount === 400));
  // The storm's fourth second of the second variant, whose clock read zero 16 s after the first's.
  const one = all.find(
    ({ tag, startTimeStampMsec }) =>
      tag === 'retry/say/latency' && startTimeStampMsec === ZERO_UNIX_MS + 16_000 + 8000,
  );
  assert.equal(one?.endTimeStampMsec, ZERO_UNIX_MS + 16_000 + 9000);
  assert.ok(Math.abs((one?.getValueAtPercentile(50) ?? 0) / 40e6 - 1) < 1e-3, '40 ms in ns');
  // Interval_Max is in ms: four times 40.
  assert.match(text, /^Tag=retry\/say\/latency,24\.000,1\.000,160\.\d+,HIST/m);
});

test('times do not go back, and every line is one the format knows', () => {
  const lines = logOf(syntheticRecord()).trimEnd().split('\n');
  const starts = lines
    .filter((line) => line.startsWith('Tag='))
    .map((line) => Number(line.split(',')[1]));
  assert.deepEqual(
    starts,
    [...starts].sort((a, b) => a - b),
  );
  for (const line of lines)
    assert.match(line, /^(#|"StartTimestamp"|Tag=[^\s,]+(,[\d.]+){3},HIST\S+$)/);
  assert.equal(syntheticPlan.intervalNs, seconds(1));
  matchGolden('latency.hlog', `${lines.slice(0, 9).join('\n')}\n`);
});

test('a name with a comma or a space does not break the format', () => {
  const calls = [{ ...okCalls('baseline', 3), load: 'a, b' }];
  const text = logOf([aVariantLine('v w'), aLoadLine('v w', 0, { calls })]);
  assert.deepEqual(listTags(text), ['v_w/a_b/latency', 'v_w/a_b/serviceTime']);
});

test('a worker that reports late has its line all the same', () => {
  const line = (index: number, count: number) =>
    aLoadLine('v', index, { calls: [okCalls('baseline', count)] });
  const counts = readAll(logOf([aVariantLine('v'), line(0, 1), line(5, 2), line(0, 4)]))
    .filter(({ tag }) => tag.endsWith('/latency'))
    .map(({ totalCount }) => totalCount);
  assert.deepEqual(counts.sort(), [1, 2, 4]);
});
