import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiscoverySaid } from '../metrics/record.js';
import { discoveryLine } from './terminal-discovery.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 400 });
const ALL = { backends: ['b0', 'b1', 'b2'] };

/** One second each. */
function lineOf(...course: readonly DiscoverySaid[]): string {
  const spans = course.map((said, index) => ({
    fromMs: index * 1_000,
    toMs: (index + 1) * 1_000,
    said,
  }));
  const timelines = [{ worker: 'worker 0', spans }];
  return discoveryLine(style, { asked: 1, told: 12, timelines }) ?? '';
}

test('what was said when it was not all backends, and how often clients asked', () => {
  const failure = { code: 'UNAVAILABLE', details: 'down' } as const;
  assert.equal(
    lineOf(ALL, { backends: ['b0'] }, { backends: [] }, failure, ALL, { backends: ['b1', 'b2'] }),
    '  discovery   name resolution said b0 from 1 s to 2 s, no addresses from 2 s to 3 s, ' +
      'UNAVAILABLE from 3 s to 4 s, b1 and b2 from 5 s to 6 s; ' +
      'clients asked once and were told something 12 times',
  );
  assert.match(lineOf(ALL), /said the same throughout; clients/);
});

test('long lists and many of them are counted', () => {
  const many = { backends: Array.from({ length: 9 }, (_, index) => `b${index}`) };
  assert.match(lineOf(ALL, many), /said 9 backends from/);
  const churn = Array.from({ length: 9 }, (_, index) => ({ backends: [`b${index % 2}`] }));
  const line = lineOf(ALL, ...churn);
  assert.match(line, /b1 from 6 s to 7 s, and 3 more changes; clients/);
});

test('nothing where no fault acts on name resolution', () => {
  assert.equal(discoveryLine(style, undefined), undefined);
});
