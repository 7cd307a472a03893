/** Gates on findings: values over phases and loads, what cannot be judged, and the outcome. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analysed } from '../../test/support/analysed.js';
import { aVariantSummary } from '../../test/support/findings.js';
import { syntheticPlan, syntheticRecord } from '../../test/support/synthetic-run.js';
import { createAnalysis } from '../analysis/analysis.js';
import type { Findings } from '../analysis/findings.js';
import type { CheckResult, GateResult, Verdict } from '../metrics/summary.js';
import type { Plan } from '../scenarios/plan.js';
import { evaluateGates } from './evaluate-gates.js';
import { outcomeOf } from './outcome.js';

const findings = analysed(syntheticPlan, syntheticRecord());

const planWith = (expression: string): Plan => ({
  ...syntheticPlan,
  gates: [{ expression, source: { file: 's.yaml', line: 9 } }],
});

const gatesOf = (expression: string, of: Findings = findings): GateResult[] =>
  evaluateGates(planWith(expression), of);

/** The result for the variant `retry`. */
function retry(expression: string, of?: Findings): GateResult {
  const result = gatesOf(expression, of).find(({ scope }) => scope === 'retry');
  assert.ok(result);
  return result;
}

test('values: one phase, all that are judged, one load', () => {
  const cases: readonly (readonly [string, number, Verdict])[] = [
    // Storm: 96 of 1,600 end UNAVAILABLE. Judged phases: 96 of 1,600 + 1,600 + 2,400.
    ['rate(errors){phase:storm} < 6%', 0.06, 'fail'],
    ['rate(errors){phase:storm} <= 6%', 0.06, 'pass'],
    ['count(UNAVAILABLE) == 96', 96, 'pass'],
    ['rate(errors) < 2%', 96 / 5600, 'pass'],
    // A discarded phase can be named: 400 calls of say and 20 of chat in its second.
    ['count(offered){phase:warm-up} == 420', 420, 'pass'],
    ['count(offered){phase:warm-up,load:chat} == 20', 20, 'pass'],
    // 3,000 attempts for 1,600 calls; over all judged phases 7,000 for 5,600.
    ['amplification{phase:storm} <= 1.875', 1.875, 'pass'],
    ['amplification == 1.25', 1.25, 'pass'],
    // 1,600 + 1,504 + 2,400 good calls in 14 s.
    ['goodput > 393/s', 5504 / 14, 'pass'],
    ['throughput{load:say} == 400/s', 400, 'pass'],
    ['rate(missed) > 0%', 0, 'fail'],
  ];
  for (const [expression, value, verdict] of cases) {
    const result = retry(expression);
    assert.equal(result.value, value, expression);
    assert.equal(result.verdict, verdict, expression);
  }
});

test('calls cancelled on purpose are counted, and no errors', () => {
  const analysis = createAnalysis(syntheticPlan);
  for (const line of syntheticRecord()) {
    const isStorm = line.type === 'load' && line.variant === 'retry';
    const calls = isStorm
      ? line.calls.map((cell) => ({ ...cell, cancelledOnPurpose: cell.byCode.UNAVAILABLE ?? 0 }))
      : [];
    analysis.add(isStorm ? { ...line, calls } : line);
  }
  const found = analysis.findings();
  assert.equal(retry('count(cancelledOnPurpose){phase:storm} == 96', found).value, 96);
  assert.equal(retry('count(errors){phase:storm} == 0', found).value, 0);
  assert.equal(
    found.variants
      .find(({ name }) => name === 'retry')
      ?.series.reduce((sum, { failed }) => sum + failed, 0),
    0,
  );
});

test('a percentile over several phases is that of the merged histogram', () => {
  // Of 5,600 calls 99 in 100 of each interval take 5 ms (baseline 4 s, recovery 4 of 6 s), 40 ms
  // (storm 4 s) or 60 ms (recovery 2 s): 8/14 at 5 ms, 12/14 up to 40 ms.
  const near = (expression: string, ms: number) => {
    const { value = 0 } = retry(expression);
    assert.ok(Math.abs(value - ms) <= ms / 500, `${expression}: ${value}`);
  };
  near('med < 1s', 5);
  near('p(80) < 1s', 40);
  near('p(90) < 1s', 60);
  near('max < 1s', 240);
  near('max{phase:storm, metric:serviceTime} < 1s', 160);
  near('min{load:say} < 1s', 5);
});

test('a gate has a result per variant in its scope', () => {
  assert.deepEqual(
    gatesOf('med < 1s').map(({ scope }) => scope),
    ['no-retry', 'retry'],
  );
  assert.deepEqual(
    gatesOf('med{variant:retry} < 1s').map(({ scope }) => scope),
    ['retry'],
  );
});

test('nothing measured is inconclusive', () => {
  for (const expression of ['med{load:chat} < 1s', 'rate(ok){phase:storm,load:chat} > 1%']) {
    const result = retry(expression);
    assert.equal(result.verdict, 'inconclusive', expression);
    assert.ok(!('value' in result));
  }
  const nothing = { ...findings, variants: [aVariantSummary()] };
  assert.match(retry('goodput{phase:storm} > 1/s', nothing).why, /did not get to storm/);
});

test('a saturated generator makes what rests on its timing inconclusive, and only that', () => {
  const generator = { saturated: true, reasons: ['it was late'] };
  const variants = findings.variants.map((variant) => ({ ...variant, generator }));
  const saturated = { ...findings, variants };
  for (const expression of ['med < 1s', 'goodput > 1/s']) {
    assert.equal(retry(expression, saturated).verdict, 'inconclusive');
  }
  assert.match(retry('med < 1s', saturated).why, /^5 ms, from .* \(it was late\)$/);
  assert.equal(retry('rate(errors) < 2%', saturated).verdict, 'pass');
});

test('an expression that cannot be read is a mistake at its place', () => {
  assert.throws(() => gatesOf('p(99) < 50'), /s\.yaml:9: gate "p\(99\) < 50", character 9/);
});

test('the outcome: invalid before fail, and what failed still stands first', () => {
  const check = (verdict: Verdict): CheckResult => {
    return { name: 'storm/goodput', verdict, expected: '>= 1', unit: '/s', why: 'because' };
  };
  const outcome = (verdicts: readonly Verdict[], more: object = {}) => {
    const variants = [aVariantSummary({ checks: verdicts.map(check), ...more })];
    const generator = { saturated: false, reasons: [] };
    return outcomeOf({ variants, generator, gates: [], interrupted: false, ...more });
  };
  const cases: readonly (readonly [ReturnType<typeof outcome>, string, number, number])[] = [
    [outcome([]), 'pass', 0, 0],
    [outcome(['pass', 'pass']), 'pass', 0, 0],
    [outcome(['pass', 'fail']), 'fail', 1, 1],
    [outcome(['inconclusive']), 'invalid', 3, 1],
    [outcome(['inconclusive', 'fail']), 'invalid', 3, 2],
    [outcome(['pass'], { complete: false, reason: 'b1 died' }), 'invalid', 3, 1],
    [outcome(['pass'], { generator: { saturated: true, reasons: ['late'] } }), 'invalid', 3, 1],
    [outcome(['fail'], { interrupted: true }), 'invalid', 130, 2],
  ];
  for (const [{ verdict, exitCode, reasons }, wanted, code, count] of cases) {
    assert.deepEqual([verdict, exitCode, reasons.length], [wanted, code, count]);
  }
  assert.deepEqual(outcome(['inconclusive', 'fail']).reasons, [
    'check storm/goodput in retry failed: because',
    'check storm/goodput in retry is inconclusive: because',
  ]);
});

test('calls that waited for a stream can be gated where the driver sees them', () => {
  const gate = 'count(queued) <= 2';
  assert.equal(retry(gate).verdict, 'inconclusive', 'grpc-js does not tell');
  const seen: Findings = {
    ...findings,
    variants: findings.variants.map((variant) => ({
      ...variant,
      phases: variant.phases.map((phase) => ({ ...phase, calls: { ...phase.calls, queued: 1 } })),
    })),
  };
  // Three phases are judged.
  assert.equal(retry(gate, seen).value, 3);
  assert.equal(retry(gate, seen).verdict, 'fail');
});
