/** Percentiles and counts out of histograms whose values are known one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationsOf } from '../../test/support/record-lines.js';
import { countAbove, estimatePercentile } from './percentile-estimate.js';

/** 1 ms, 2 ms … `count` ms. */
const upTo = (count: number) =>
  durationsOf(...Array.from({ length: count }, (_, index) => [index + 1, 1] as const));

const isAbout = (us: number | undefined, ms: number) =>
  assert.ok(us !== undefined && Math.abs(us / 1e3 - ms) <= ms * 1e-3 + 1e-3, `${us} µs: ${ms} ms`);

test('the median of 1 … 100 ms is the 50th value, and lies between the 40th and the 61st', () => {
  const estimate = estimatePercentile(upTo(100), 50);
  assert.equal(estimate?.count, 100);
  isAbout(estimate?.us, 50);
  isAbout(estimate?.lowUs, 40);
  isAbout(estimate?.highUs, 61);
});

test('the 99th percentile of 100 values has no upper end', () => {
  const estimate = estimatePercentile(upTo(100), 99);
  isAbout(estimate?.us, 99);
  assert.ok(estimate?.lowUs !== undefined);
  assert.equal(estimate?.highUs, undefined);
  assert.equal(estimatePercentile(undefined, 99), undefined);
});

test('values above a limit; one at the limit is not above it', () => {
  const values = upTo(100);
  assert.equal(countAbove(values, 0), 100);
  assert.equal(countAbove(values, 40e6), 60);
  assert.equal(countAbove(values, 100e6), 0);
  assert.equal(countAbove(durationsOf([5, 7]), 4.9e6), 7);
  assert.equal(countAbove(undefined, 0), 0);
});
