import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Distribution, distribution, drawNs, meanNs } from './distribution.js';

/** Draws at evenly spaced quantiles: their mean is the integral of the quantile function. */
function drawsOf(of: Distribution, count = 20_000): number[] {
  return Array.from({ length: count }, (_, i) => drawNs(of, (i + 0.5) / count));
}

test('each way of writing a distribution gives its plan form', () => {
  const parse = (value: unknown) => distribution().parse(value);
  assert.deepEqual(parse('5ms'), { kind: 'fixed', ns: 5e6 });
  assert.deepEqual(parse({ fixed: '5ms' }), { kind: 'fixed', ns: 5e6 });
  assert.deepEqual(parse({ exponential: '5ms' }), { kind: 'exponential', meanNs: 5e6 });
  assert.deepEqual(parse({ lognormal: { median: '5ms', p99: '40ms' } }), {
    kind: 'lognormal',
    medianNs: 5e6,
    p99Ns: 40e6,
  });
  assert.deepEqual(parse({ bimodal: { fast: '5ms', slow: '100ms', slowShare: '1%' } }), {
    kind: 'bimodal',
    fastNs: 5e6,
    slowNs: 100e6,
    slowShare: 0.01,
  });
  for (const wrong of [5, { fixed: '5ms', exponential: '5ms' }, { gamma: '5ms' }, {}]) {
    assert.equal(distribution().safeParse(wrong).success, false, JSON.stringify(wrong));
  }
});

test('draws have the distribution’s mean', () => {
  const distributions: Distribution[] = [
    { kind: 'fixed', ns: 5e6 },
    { kind: 'exponential', meanNs: 5e6 },
    { kind: 'lognormal', medianNs: 5e6, p99Ns: 40e6 },
    { kind: 'bimodal', fastNs: 5e6, slowNs: 100e6, slowShare: 0.01 },
  ];
  for (const of of distributions) {
    const draws = drawsOf(of);
    const mean = draws.reduce((sum, ns) => sum + ns, 0) / draws.length;
    assert.ok(Math.abs(mean / meanNs(of) - 1) < 0.005, `${of.kind}: ${mean} for ${meanNs(of)}`);
  }
});

test('a lognormal has the median and p99 it was given', () => {
  const of: Distribution = { kind: 'lognormal', medianNs: 5e6, p99Ns: 40e6 };
  assert.ok(Math.abs(drawNs(of, 0.5) / 5e6 - 1) < 1e-6);
  assert.ok(Math.abs(drawNs(of, 0.99) / 40e6 - 1) < 1e-6);
});
