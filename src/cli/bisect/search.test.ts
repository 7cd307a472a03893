/**
 * The search is played against services whose boundary is known: sharp ones, ones that chance decides
 * near it, and ones that have none.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../base/rng.js';
import { type Answer, type Boundary, createSearch, type Search, type Trial } from './search.js';

const BETWEEN = { from: 100, to: 4_000, isWhole: false, runs: 3, within: 0.05 };

/** Asks until the search has enough. @returns how many runs that took. */
function play(search: Search, answerTo: (trial: Trial) => Answer): number {
  let runs = 0;
  for (let trial = search.next(); trial !== undefined; trial = search.next()) {
    search.answered(answerTo(trial));
    runs++;
    assert.ok(runs < 200, 'it comes to an end');
  }
  return runs;
}

function found(boundary: Boundary): Extract<Boundary, { kind: 'found' }> {
  assert.equal(boundary.kind, 'found');
  return boundary as Extract<Boundary, { kind: 'found' }>;
}

test('a sharp boundary is between the two values that are told, and these are close', () => {
  for (const boundary of [101, 250, 1_000, 2_345, 3_999]) {
    const search = createSearch(BETWEEN);
    const runs = play(search, ({ value }) => (value < boundary ? 'pass' : 'fail'));
    const { before, until = Number.NaN, since = Number.NaN, mixed } = found(search.boundary());
    assert.equal(before, 'pass');
    assert.ok(until < boundary && boundary <= since, `${until} < ${boundary} <= ${since}`);
    assert.ok(since - until <= 0.05 * since, `${until} and ${since} are close`);
    assert.deepEqual(mixed, []);
    assert.ok(runs <= 26, `${runs} runs`);
  }
});

test('the other way round, and with whole values down to neighbours', () => {
  const search = createSearch({ from: 64, to: 1, isWhole: true, runs: 1, within: 0 });
  play(search, ({ value }) => (value >= 23 ? 'pass' : 'fail'));
  const { until, since } = found(search.boundary());
  assert.deepEqual([until, since], [23, 22]);
  const values = search.points().map(({ value }) => value);
  assert.deepEqual(
    values,
    values.toSorted((a, b) => b - a),
  );
});

test('every value is asked under the same seeds, most of which have to agree', () => {
  const search = createSearch(BETWEEN);
  const asked = new Map<number, number[]>();
  play(search, ({ value, run }) => {
    asked.set(value, [...(asked.get(value) ?? []), run]);
    return value < 1_000 ? 'pass' : 'fail';
  });
  for (const runs of asked.values()) {
    assert.deepEqual(runs, [...runs.keys()]);
    assert.ok(runs.length === 2 || runs.length === 3);
  }
  const { until = 0, since = 0 } = found(search.boundary());
  assert.deepEqual([asked.get(until)?.length, asked.get(since)?.length], [3, 3]);
});

test('where chance decides, what is told leaves out every value with runs of both sorts', () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = createRng(seed, 'bisect');
    const search = createSearch({ ...BETWEEN, runs: 5 });
    // From 800 to 1,200 a run passes with a chance that falls from 1 to 0.
    play(search, ({ value }) => (random() < (1_200 - value) / 400 ? 'pass' : 'fail'));
    const { until = Number.NaN, since = Number.NaN, mixed } = found(search.boundary());
    assert.ok(until < since && until < 1_200 && since > 800, `${until} to ${since}`);
    for (const { value, answers } of search.points()) {
      if (value <= until) assert.ok(!answers.includes('fail'));
      if (value >= since) assert.ok(!answers.includes('pass'));
    }
    for (const { value } of mixed) assert.ok(until < value && value < since);
  }
});

test('one run in three that says otherwise at an end is told', () => {
  const search = createSearch(BETWEEN);
  play(search, ({ value, run }) => {
    if (value === 100 && run === 0) return 'fail';
    return value < 1_000 ? 'pass' : 'fail';
  });
  const boundary = found(search.boundary());
  assert.equal(boundary.before, 'pass');
  assert.equal(boundary.until, undefined);
  assert.deepEqual(
    boundary.mixed.map(({ value }) => value),
    [100],
  );
});

test('both ends the same: there is no boundary, and nothing in between is asked', () => {
  const search = createSearch(BETWEEN);
  assert.equal(
    play(search, () => 'fail'),
    4,
  );
  assert.deepEqual(search.boundary(), { kind: 'none', side: 'fail' });
});

test('runs that decide nothing are made up for, and end it where none decides', () => {
  const sometimes = createSearch(BETWEEN);
  play(sometimes, ({ value, run }) => {
    if (run % 2 === 0) return 'open';
    return value < 1_000 ? 'pass' : 'fail';
  });
  const { until = 0, since = 0 } = found(sometimes.boundary());
  assert.ok(until < 1_000 && 1_000 <= since);

  const never = createSearch(BETWEEN);
  play(never, ({ value }) => (value === 100 ? 'pass' : value === 4_000 ? 'fail' : 'open'));
  const boundary = never.boundary();
  assert.ok(boundary.kind === 'open' && boundary.value > 100 && boundary.value < 4_000);
  assert.deepEqual(boundary.between, { before: 'pass', near: 100, far: 4_000 });
});

test('what was not carried to its end is unfinished', () => {
  const search = createSearch(BETWEEN);
  search.next();
  search.answered('pass');
  assert.deepEqual(search.boundary(), { kind: 'unfinished' });
});
