/** A scenario's answer: figures put into its sentences, what is left out, and what is refused before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analysed } from '../../test/support/analysed.js';
import { syntheticPlan, syntheticRecord } from '../../test/support/synthetic-run.js';
import type { Findings } from '../analysis/findings.js';
import { answerOf } from './answer.js';
import { answerMistakes } from './answer-mistakes.js';

const findings = (): Findings => analysed(syntheticPlan, syntheticRecord());

function answerTo(sentences: readonly string[], found = findings()) {
  const source = { file: 'storm.yaml', line: 1 };
  const answer = sentences.map((sentence) => ({ sentence, source }));
  return answerOf({ ...syntheticPlan, answer }, found);
}

test('figures are put in: quantities of a gate, and values of checks', () => {
  const answer = answerTo([
    'retry made [[amplification{variant:retry,phase:storm}]] attempts a call, ' +
      '[[rate(ok){variant:no-retry, phase:storm, load:say}]] ended OK without',
    'storm: [[storm/success-rate{variant:retry}]], and in the first variant [[storm/success-rate]]',
  ]);
  assert.deepEqual(answer?.sentences, [
    'retry made 1.875 attempts a call, 50 % ended OK without',
    'storm: 94 %, and in the first variant 50 %',
  ]);
});

test('it is confirmed by all checks, and by them alone', () => {
  assert.equal(answerTo(['so it is'])?.isConfirmed, false);
  const found = findings();
  const passed = found.variants.map((variant) => ({
    ...variant,
    checks: variant.checks.map((check) => ({ ...check, verdict: 'pass' as const })),
  }));
  assert.deepEqual(answerTo(['so it is'], { ...found, variants: passed }), {
    isConfirmed: true,
    sentences: ['so it is'],
  });
});

test('a sentence about what was not run is left out, and without any there is no answer', () => {
  const found = findings();
  const alone = { ...found, variants: found.variants.slice(0, 1) };
  const both = ['[[count(ok){variant:retry}]]', '[[count(missed){variant:no-retry}]] missed'];
  assert.deepEqual(answerTo(both, alone)?.sentences, ['0 missed']);
  assert.equal(answerTo(both.slice(0, 1), alone), undefined);
  assert.equal(answerOf(syntheticPlan, found), undefined);
});

/** All variants of the plan, and one that is wrong in itself. */
const known = {
  names: [...syntheticPlan.variants.map(({ name }) => name), 'wrong'],
  planned: syntheticPlan.variants,
};

test('wrong quantities and unknown names are told, with the nearest ones', () => {
  const told = (sentence: string) =>
    answerMistakes(sentence, known)
      .map(({ message, hint }) => `${message} (${hint})`)
      .join('\n');
  assert.equal(told('[[p(99){phase:storm,variant:retry}]] and [[storm/fairness]]'), FAIRNESS);
  assert.match(told('[[p99]]'), /^answer: "\[\[p99\]\]", character 1: there is no measure "p99"/);
  assert.match(told('[[p(99) < 5ms]]'), /did not expect "< 5ms" \(here it is a measure alone\)/);
  assert.match(
    told('[[avg{phase:strom}]]'),
    /there is no phase "strom" \(did you mean "storm"\?\)/,
  );
  assert.match(told('[[avg{variant:x}]]'), /there is no variant "x"/);
  assert.match(told('[[avg{load:sya}]]'), /there is no load "sya" \(did you mean "say"\?\)/);
  assert.match(
    told('[[storm/success-rte{variant:retry}]]'),
    /there is no check in retry: "storm\/success-rte" \(did you mean "storm\/success-rate"\?\)/,
  );
  assert.deepEqual(answerMistakes('[[avg{phase:strom}]]', { names: ['a'], planned: [] }), []);
  // Of what is wrong in itself only the name is known; it is not called missing.
  assert.equal(told('[[avg{variant:wrong,phase:strom}]] [[strom/fairness{variant:wrong}]]'), '');
});

/** The storm has no such check: the baseline has. */
const FAIRNESS =
  'answer: there is no check in no-retry: "storm/fairness" (one of: storm/retry-amplification, storm/recovery-time, storm/success-rate, baseline/fairness)';
