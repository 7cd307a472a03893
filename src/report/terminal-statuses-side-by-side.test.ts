/** What calls of several variants ended with: one row where they agree, and each of them where not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCallCount, aPhase, aVariantSummary } from '../../test/support/findings.js';
import type { StatusCounts } from '../base/status.js';
import type { CheckResult } from '../metrics/summary.js';
import { statusesSideBySide } from './terminal-statuses-side-by-side.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 100 });

const check = (phase: string, expected: string): CheckResult => ({
  name: `${phase}/status-table`,
  verdict: 'pass',
  expected,
  unit: 'count',
  why: '',
});

const variant = (name: string, phases: Readonly<Record<string, [string, StatusCounts]>>) =>
  aVariantSummary({
    name,
    phases: Object.entries(phases).map(([phase, [, byCode]]) =>
      aPhase(phase, [0, 1000], {}, { calls: aCallCount({ byCode }) }),
    ),
    checks: Object.entries(phases).map(([phase, [expected]]) => check(phase, expected)),
  });

test('where variants end alike one row tells it, however often; where not, each has its own', () => {
  const text = statusesSideBySide(style, [
    variant('ours', {
      cancel: ['CANCELLED', { CANCELLED: 8, OK: 0 }],
      sending: ['INTERNAL', { INTERNAL: 8, OK: 3 }],
      alone: ['OK', { OK: 1 }],
    }),
    variant('theirs', {
      cancel: ['CANCELLED', { CANCELLED: 7 }],
      sending: ['INTERNAL', { DEADLINE_EXCEEDED: 8 }],
    }),
  ]);
  assert.deepEqual(text?.split('\n').slice(2), [
    '  phase    may end    variant  ended',
    '  cancel   CANCELLED  all      CANCELLED',
    '  sending  INTERNAL   ours     INTERNAL 8, OK 3',
    '           INTERNAL   theirs   DEADLINE_EXCEEDED 8',
    // That one variant alone is held to a table is no reason to leave its statuses out.
    '  alone    OK         ours     OK 1',
  ]);
});

test('variants that are allowed different things are told apart, and of two where there are three', () => {
  const both = [
    variant('strict', { storm: ['OK', { OK: 5 }] }),
    variant('lax', { storm: ['OK, UNAVAILABLE', { OK: 5 }] }),
  ];
  assert.match(statusesSideBySide(style, both) ?? '', /strict +OK 5\n.* lax +OK 5/);
  assert.equal(statusesSideBySide(style, both.slice(0, 1)), undefined);
  const alike = [1, 2].map((number) => variant(`v${number}`, { storm: ['OK', { OK: 5 }] }));
  assert.match(statusesSideBySide(style, alike) ?? '', /all +OK$/);
  const third = aVariantSummary({ name: 'free' });
  assert.match(statusesSideBySide(style, [...alike, third]) ?? '', /v1 +OK 5\n.* v2 +OK 5$/);
});

test('what is not as it may be has its verdict beside it', () => {
  const [one, two] = [1, 2].map((number) => variant(`v${number}`, { storm: ['OK', { OK: 5 }] }));
  assert.ok(one !== undefined && two !== undefined);
  const failed = { ...two, checks: two.checks.map((it) => ({ ...it, verdict: 'fail' as const })) };
  assert.match(statusesSideBySide(style, [one, failed]) ?? '', /v2 +OK 5\n +✘ fail$/);
});
