/** Little's law from records whose figures are known, and what a run says when it does not hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf } from '../../test/support/analysed.js';
import {
  aLoadLine,
  aVariant,
  aVariantEnd,
  aVariantLine,
  okCalls,
} from '../../test/support/record-lines.js';
import { outcomeOf } from '../gates/outcome.js';
import type { CallCell } from '../metrics/record.js';

/** 400 calls of 5 ms in two seconds. */
function foundWith(more: Partial<CallCell>) {
  const cell = { ...okCalls('baseline', 200), ...more };
  const lines = [0, 1].map((index) => aLoadLine('v', index, { calls: [cell] }));
  return findingsOf([aVariant('v')], aVariantLine('v'), ...lines, aVariantEnd('v', 2));
}

test('λ = 200/s and W = 5 ms are L = 1', () => {
  const { variants, generator } = foundWith({ openNs: 1e9 });
  const law = variants[0]?.phases[0]?.littlesLaw;
  assert.equal(law?.inFlightMean, 1);
  assert.ok(Math.abs((law?.rateTimesTime ?? 0) - 1) < 1e-3, `${law?.rateTimesTime}`);
  assert.equal(generator.contradictions, undefined);
});

test('a run whose calls were open for longer than they took is invalid, and says in which phase', () => {
  const { variants, generator } = foundWith({ openNs: 1.02e9 });
  assert.match(
    generator.contradictions?.[0] ?? '',
    /^in baseline, 1\.02 calls were open on average/,
  );
  assert.deepEqual(variants[0]?.generator.contradictions, generator.contradictions);
  const outcome = outcomeOf({ variants, generator, gates: [], interrupted: false });
  assert.equal(outcome.verdict, 'invalid');
  assert.match(outcome.reasons[0] ?? '', /^the generator contradicts itself: in baseline/);
});

test('records without the figure, and calls that were cut off, have no law to hold', () => {
  assert.equal(foundWith({}).variants[0]?.phases[0]?.littlesLaw, undefined);
  const cut = foundWith({ openNs: 3e9, abandoned: 1 });
  assert.equal(cut.variants[0]?.phases[0]?.littlesLaw, undefined);
  assert.equal(cut.generator.contradictions, undefined);
});
