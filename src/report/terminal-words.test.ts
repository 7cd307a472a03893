/** The words that a report explains: those that stand in it, and no others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase, aVariantSummary } from '../../test/support/findings.js';
import type { VariantSummary } from '../metrics/summary.js';
import { styleOf } from './terminal-style.js';
import { wordsUsed } from './terminal-words.js';

const style = styleOf({ colour: false, width: 100 });
const wordsOf = (...variants: VariantSummary[]) =>
  wordsUsed(style, variants)
    ?.split('\n')
    .map((line) => line.trim().split(/ {2,}/)[0]);

const fault = (kind: string, seen: number) => ({
  ...{ id: `storm/${kind}`, kind, phase: 'storm', seen, hit: 1, hitFirst: 1, hitSet: '81dc5df9' },
});

test('only words that occur are explained, a line each', () => {
  const plain = aVariantSummary({ phases: [aPhase('storm', [0, 1000], { offered: 10 })] });
  assert.deepEqual(wordsOf(plain), ['phase', 'good']);
  const deadline = { exceeded: 1, calls: 10, cutOff: 0, wastedServerMs: 5 };
  const fairness = { jain: 1, maxOverMean: 1 };
  const busy = aPhase('storm', [0, 1000], { offered: 10 }, { deadline, fairness });
  const full = aVariantSummary({ phases: [busy], faults: [fault('rpc-abort', 10)] });
  assert.deepEqual(wordsOf(plain, full), ['phase', 'good', 'Jain', 'server time wasted', 'set']);
  for (const line of wordsUsed(style, [full])?.split('\n') ?? []) {
    assert.ok(line.length <= 100, line);
  }
});

test('a fault of connections has no set, nor has one that met nothing', () => {
  const faults = [fault('tcp-reset', 5), fault('rpc-abort', 0)];
  const phases = [aPhase('storm', [0, 1000])];
  assert.deepEqual(wordsOf(aVariantSummary({ phases, faults })), ['phase', 'good']);
  assert.equal(wordsOf(aVariantSummary({ phases: [] })), undefined);
});
