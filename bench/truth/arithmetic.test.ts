/**
 * The pure parts of the truth benchmark: formulas beside figures that others computed, intervals beside
 * tables, the model beside examples by hand; and planted errors, which must be found.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRng, exponential } from '../../src/base/rng.js';
import { drawCalls } from './drawn-calls.js';
import * as formulas from './formulas.js';
import { frozenRows } from './frozen.js';
import { batchMeans, LEVEL, meanOf, quantileOf, studentQuantile, wilson, Z } from './interval.js';
import { oracleRows, type Residuals } from './oracle.js';
import { sojournsInTurnNs, sojournsNs, waitsNs } from './queue-model.js';
import { judge, type Row } from './row.js';

const near = (actual: number, expected: number, relative: number) =>
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${actual}, not ${expected}`);

test('formulas give the figures that textbooks print', () => {
  near(formulas.erlangB(10, 8), 0.12166, 1e-4);
  near(formulas.erlangC(8, 6.4), 0.4576, 1e-3);
  near(formulas.mmcWait(1, 8, 6.4), 0.286, 1e-3);
  near(formulas.mm1Quantile(20, 0.8, 0.99), 460.5, 1e-3);
  near(formulas.md1Wait(1, 0.8), 2, 1e-12);
  // One server in turn is M/M/1; of eight each sees far more regular arrivals.
  near(formulas.inTurnMean(1, 0.8, 1), 5, 1e-9);
  near(formulas.inTurnMean(1, 0.8, 8), 2.98, 2e-3);
  near(formulas.hedgedQuantile(1, -Math.log(0.05), 0.99), 3.8, 1e-3);
  near(formulas.hedgedMean(1, 0), 0.5, 1e-12);
  near(formulas.cutOffMean(20, 50), 18.358, 1e-4);
});

test('intervals: the level, Student, Wilson', () => {
  assert.equal(LEVEL, 0.9999);
  near(Z, 3.8906, 1e-4);
  // Tables: t for 97.5 % with 30 degrees of freedom is 2.0423, for 99.995 % with 40 4.3207.
  near(studentQuantile(30, 1.959964), 2.0423, 1e-4);
  near(studentQuantile(40), 4.3207, 2e-3);
  const { low, high } = wilson(0, 1_000);
  assert.ok(Math.abs(low) < 1e-12);
  near(high, Z ** 2 / (1_000 + Z ** 2), 1e-9);
});

test('batch means know that neighbours are alike', () => {
  // Each value is its neighbour's 0.9 and a little of its own: the mean of n is √19 ≈ 4.4 times as
  // unsure as that of n independent ones with the same spread.
  const rng = createRng(3, 'batch means');
  let value = 0;
  const values = Array.from({ length: 40_000 }, () => {
    value = 0.9 * value + exponential(rng) - 1;
    return value;
  });
  const { mean, low, high } = batchMeans(values);
  const alone = 1 / Math.sqrt((1 - 0.81) * values.length);
  assert.ok(low < 0 && 0 < high, `${mean}`);
  const ratio = (high - mean) / (studentQuantile(39) * alone);
  assert.ok(ratio > 3 && ratio < 6, String(ratio));
});

describe('the model, by hand', () => {
  const calls = {
    dueNs: Float64Array.of(0, 1, 2, 3, 20),
    serviceNs: Float64Array.of(10, 10, 1, 5, 1),
  };

  test('one slot: each waits for all before it', () => {
    assert.deepEqual([...waitsNs(calls, { slots: 1, waits: true })], [0, 9, 18, 18, 6]);
  });

  test('two slots: the one that is free first', () => {
    assert.deepEqual([...waitsNs(calls, { slots: 2, waits: true })], [0, 0, 8, 8, 0]);
  });

  test('no line: refused while all slots are taken', () => {
    const { NaN: no } = Number;
    assert.deepEqual([...waitsNs(calls, { slots: 2, waits: false })], [0, 0, no, no, 0]);
  });

  test('in turn: two queues of every second call', () => {
    const shape = { slots: 1, waits: true };
    assert.deepEqual([...sojournsInTurnNs(calls, shape, 2)], [10, 10, 9, 13, 1]);
  });
});

test('a row judges the interval, and then the model', () => {
  const claim = { truth: 't', figure: 'f', subject: 'wire', unit: 'ms', expected: 10 } as const;
  const verdict = (rest: Omit<Parameters<typeof judge>[0], keyof typeof claim>) =>
    judge({ ...claim, ...rest }).verdict;
  const sure = { standardError: 0.1 };
  assert.equal(verdict({ measured: 10.3, spread: sure }), 'covers');
  assert.equal(verdict({ measured: 10.5, spread: sure }), 'misses');
  assert.equal(verdict({ measured: 10.5, spread: sure, late: 0.2 }), 'covers');
  assert.equal(verdict({ measured: 9.5, spread: sure, late: 0.2 }), 'misses', 'late, never early');
  assert.equal(verdict({ measured: 10.3, spread: sure, late: 0.2, model: 10 }), 'strays');
  assert.equal(verdict({ measured: 10.3, spread: sure, late: 0.2, model: 10.2 }), 'covers');
  assert.equal(verdict({ measured: 10.1, spread: sure, model: Number.NaN }), 'strays');
  assert.equal(verdict({ measured: Number.NaN, spread: sure }), 'misses');
  assert.equal(verdict({ measured: 10, spread: sure, invalid: 'too slow' }), 'invalid');
});

describe('planted errors', () => {
  const load = {
    seed: 5,
    name: 'say',
    arrivals: { kind: 'poisson', options: 320 },
    serviceTime: { kind: 'exponential', meanNs: 10e6 },
    durationNs: 8e9,
  } as const;

  /** Latencies as a harness reports them that serves each call for so many times its draw. */
  function harness(stretch: number): Residuals {
    const { dueNs, serviceNs } = drawCalls(load);
    const shape = { slots: 4, waits: true };
    const model = sojournsNs({ dueNs, serviceNs }, shape);
    const served = sojournsNs({ dueNs, serviceNs: serviceNs.map((ns) => ns * stretch) }, shape);
    const rng = createRng(1, 'way');
    const wayMs = () => 0.3 + 0.1 * exponential(rng);
    return {
      modelMs: model.map((ns) => ns / 1e6),
      residualMs: served.map((ns, i) => (ns - (model[i] ?? 0)) / 1e6 + wayMs()),
      wayMs: 0.37,
      coreWaitShare: 0,
    };
  }
  const verdicts = (rows: readonly Row[]) => rows.map(({ verdict }) => verdict);

  test('services 3 % longer than drawn break both rows of the oracle, true ones neither', () => {
    assert.deepEqual(verdicts(oracleRows('true', 'wire', harness(1))), ['covers', 'covers']);
    assert.deepEqual(verdicts(oracleRows('planted', 'wire', harness(1.03))), ['misses', 'misses']);
    assert.deepEqual(verdicts(oracleRows('planted', 'wire', harness(0.97))), ['misses', 'misses']);
  });

  test('latency from the send, where replies are waited for, breaks what is said of a freeze', () => {
    // 1,000 calls/s for 4 s; from 1 s to 2 s nobody answers, else it takes a millisecond.
    const due = Float64Array.from({ length: 4_000 }, (_, i) => i);
    const end = (sentMs: number) => (sentMs >= 1_000 && sentMs < 2_000 ? 2_000 : sentMs) + 1;
    const open = due.map((dueMs) => end(dueMs) - dueMs);
    // Ten callers that wait for replies: each has one bad latency, whatever was due meanwhile.
    let freeMs = 0;
    const closed = due.map((_, i) => {
      const sentMs = i % 10 === 0 ? freeMs : freeMs + (i % 10) * 1e-6;
      if (i % 10 === 9) freeMs = Math.max(end(sentMs), freeMs + 10);
      return end(sentMs) - sentMs;
    });
    const rowsOf = (latencyMs: Float64Array) =>
      frozenRows('wire', 1_000, {
        p99: quantileOf(latencyMs, 0.99),
        p95: quantileOf(latencyMs, 0.95),
        mean: meanOf(latencyMs),
      });
    assert.deepEqual(verdicts(rowsOf(open)), ['covers', 'covers', 'covers']);
    assert.deepEqual(verdicts(rowsOf(closed)), ['misses', 'misses', 'misses']);
  });
});
