/** Where variants sent their calls, beside each other: told where they differ. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase, aServerSummary, aVariantSummary } from '../../test/support/findings.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { spreadSideBySide } from './terminal-spread.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 100 });

/** Attempts of each backend, of which `slow` is busy all the time. */
const phase = (name: string, attempts: Readonly<Record<string, number>>, connections = 0) => {
  const total = Object.values(attempts).reduce((sum, count) => sum + count, 0);
  const backends = Object.entries(attempts).map(([backend, count]) => ({
    name: backend,
    address: '',
    attempts: count,
    ...(total === 0 ? {} : { share: count / total }),
    ...(backend === 'slow' ? { utilisation: 1 } : {}),
    byCode: {},
  }));
  const server = aServerSummary({ connections, connectionsPerSecondMax: connections * 10 });
  const cpu = { clientUsPerCall: 200, serverUsPerAttempt: 110 };
  return aPhase(name, [0, 1000], { offered: total }, { backends, server, cpu });
};

const told = (...phasesOfEach: readonly (readonly PhaseSummary[])[]) =>
  spreadSideBySide(
    style,
    phasesOfEach.map((phases, index) => aVariantSummary({ name: `v${index}`, phases })),
  );

test('phases in which variants went to other backends, with how busy those were', () => {
  const even = { b0: 50, slow: 50 };
  const text = told(
    [phase('warm-up', even), phase('steady', even), phase('trouble', even)],
    [
      phase('warm-up', { b0: 9, slow: 1 }),
      phase('steady', even),
      phase('trouble', { b0: 90, slow: 10 }),
    ],
  );
  assert.deepEqual(text?.split('\n'), [
    '  phase    variant  attempts by backend (how busy it was)',
    '  trouble  v0       b0 50 %, slow 50 % (100 %)',
    '           v1       b0 90 %, slow 10 % (100 %)',
  ]);
});

test('a herd of connections is told of, also where all go to the same backends', () => {
  const calm = phase('back', { b0: 1, b1: 1 }, 9);
  assert.equal(told([calm], [calm]), undefined);
  const text = told([phase('back', { b0: 1, b1: 1 }, 20)], [calm]) ?? '';
  assert.match(
    text,
    /back +v0 +b0 50 %, b1 50 % +20 +200\/s +310 µs\n +v1 +b0 50 %, b1 50 % +9 +90\/s +310 µs/,
  );
});

test('of many backends the busiest, and how many more; chance is not told', () => {
  const many = Object.fromEntries(
    Array.from({ length: 8 }, (_, index) => [`b${index}`, 10 + index]),
  );
  const text = told([phase('steady', many)], [phase('steady', { b0: 108 })]) ?? '';
  assert.match(text.replace(/\s+/g, ' '), /b2 11.1 %, .* b7 \d+\.\d %, 2 more v1 b0 100 %/);
  assert.equal(told([phase('steady', many)]), undefined, 'one variant stands beside nothing');
  const few = [[phase('steady', { b0: 11, b1: 9 })], [phase('steady', { b0: 7, b1: 13 })]];
  assert.equal(told(...few), undefined, 'a fifth of 20 attempts may be chance');
});
