/** The table of a chain's tiers, from made-up figures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PhaseSummary, TierSummary } from '../metrics/summary.js';
import { styleOf } from './terminal-style.js';
import { tierTable } from './terminal-tiers.js';

const STYLE = styleOf({ colour: false, width: 100 });

function phase(name: string, discard: boolean, tiers?: readonly TierSummary[]): PhaseSummary {
  return { name, discard, ...(tiers && { tiers }) } as PhaseSummary;
}

test('a line for each tier, with the statuses that it gave most', () => {
  const tier = { cancelled: 0, wastedServerMs: 0, wastedRequests: 0 };
  const text = tierTable(STYLE, [
    phase('warm-up', true, [{ ...tier, name: 'front', attempts: 0, byCode: {}, outlived: 0 }]),
    phase('storm', false, [
      {
        ...tier,
        ...{ name: 'front', attempts: 1_300, amplification: 1.3, hopAmplification: 1.3 },
        byCode: { OK: 1_000, UNAVAILABLE: 250, ABORTED: 30, INTERNAL: 20 },
        outlived: 40,
      },
      {
        ...tier,
        ...{ name: 'back', attempts: 3_900, amplification: 3.9, hopAmplification: 3 },
        byCode: { UNAVAILABLE: 3_890 },
        cancelled: 10,
        wastedServerMs: 1_500,
      },
    ]),
  ]);
  assert.deepEqual(
    text?.split('\n').map((line) => line.trim().split(/ {2,}/)),
    [
      ['phase', 'tier', 'attempts', 'per', 'by', 'answered', 'time', 'for'],
      ['call', 'hop', 'wasted', 'nobody'],
      ['warm-up *', 'front', '0', '–', '–', '–', '0 ms', '0'],
      [
        'storm',
        'front',
        '1,300',
        '1.3',
        '1.3',
        'OK 1,000, UNAVAILABLE 250, others 50',
        '0 ms',
        '40',
      ],
      ['back', '3,900', '3.9', '3', 'UNAVAILABLE 3,890, given up 10', '1.5 s'],
    ],
  );
});

test('without tiers there is no table', () => {
  assert.equal(tierTable(STYLE, [phase('storm', false)]), undefined);
});
