import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latency } from '../../test/support/findings.js';
import type { HealthSpan, HealthSummary } from '../metrics/summary.js';
import { healthBlock } from './terminal-health.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 72 });
const span = (fromMs: number, toMs: number, status: HealthSpan['status']) => ({
  fromMs,
  toMs,
  status,
});

function blockOf(changes: Partial<HealthSummary>): string[] {
  const timelines = [
    { backend: 'b0', service: '', spans: [span(0, 10_000, 'SERVING')] },
    {
      backend: 'b1',
      service: '',
      spans: [
        span(0, 1_000, 'SERVING'),
        span(1_000, 2_000, 'NOT_SERVING'),
        span(2_000, 5_000, 'SERVING'),
        span(5_000, 7_000, 'NOT_SERVING'),
        span(7_000, 9_750, 'SERVING'),
        span(9_750, 10_000, 'UNKNOWN'),
      ],
    },
  ];
  return healthBlock(style, { timelines, unseen: 0, ...changes })?.split('\n') ?? [];
}

test('a line for each backend, a sign for each part of the time', () => {
  assert.deepEqual(blockOf({ seenAfterUs: latency(1, 3, 4) }), [
    '  b0  ██████████████████████  SERVING throughout',
    '  b1  ██▒░▒██████░░░░▒█████▒  NOT_SERVING 2 times, 3 s in all; UNKNOWN',
    '                              for 250 ms',
    '      0 s               10 s  █ SERVING  ░ NOT_SERVING  ▒ several',
    "  health      the run's own watch saw 4 changes of servers, half of them",
    '              within 1 ms, all within 3 ms',
  ]);
});

test('what was not seen is said', () => {
  const last = (changes: Partial<HealthSummary>) => blockOf(changes).slice(4).join(' ');
  assert.match(last({}), /no server changed what it says$/);
  assert.match(last({ unseen: 1 }), / {2}1 change of a server's not seen at all$/);
  assert.match(last({ unseen: 2, seenAfterUs: latency(1, 3, 1) }), /3 ms +after it; 2 +changes/);
});

test('nothing where nobody watched, or nothing was reached', () => {
  assert.equal(healthBlock(style, undefined), undefined);
  const timelines = [{ backend: 'b0', service: '', spans: [] }];
  assert.equal(healthBlock(style, { timelines, unseen: 0 }), undefined);
});
