import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aLoadLine } from '../../test/support/record-lines.js';
import type { VariantPlan } from '../scenarios/plan.js';
import { ejectionTally } from './ejection-tally.js';

const S = 1e9;
const plan = {
  client: { channels: 2 },
  backends: [{ name: 'b0' }, { name: 'b1' }],
} as unknown as VariantPlan;

/** Two workers with two channels each. */
function tallyOf(
  ...turns: readonly [atS: number, backend: string, client: string, out: boolean][]
) {
  const tally = ejectionTally(plan);
  for (const worker of [0, 1, 0]) tally.addLoad({ ...aLoadLine('v', 0), worker });
  for (const [atS, subject, client, isEjected] of turns) {
    tally.addEvent({
      ...{ type: 'event', variant: 'v', kind: 'client.ejection', detail: '' },
      ...{ atNs: atS * S, subject, ejection: { client, isEjected } },
    });
  }
  return tally;
}

test('ejections by phase, and the part of the time that a backend was out for its clients', () => {
  const tally = tallyOf(
    [3, 'b1', '0.0', true],
    [4, 'b1', '1.0', true],
    [5, 'b1', '0.0', false],
    [9, 'b1', '0.0', true],
  );
  // From 4 s to 8 s: out until 5 s for one of four clients, and all of it for another: 1 s + 4 s of 4 · 4 s.
  assert.deepEqual(tally.between(4 * S, 8 * S), [
    { backend: 'b1', ejected: 1, letBackIn: 1, firstMs: 4_000, outShare: 5 / 16 },
  ]);
  assert.deepEqual(tally.between(0, 4 * S), [
    { backend: 'b1', ejected: 1, letBackIn: 0, firstMs: 3_000, outShare: 1 / 16 },
  ]);
});

test('a backend that stays out was not ejected again; phases without any have none', () => {
  const tally = tallyOf([1, 'b0', '0.1', true]);
  assert.deepEqual(tally.between(2 * S, 4 * S), [
    { backend: 'b0', ejected: 0, letBackIn: 0, outShare: 1 / 4 },
  ]);
  assert.equal(tally.between(0, S), undefined);
});
