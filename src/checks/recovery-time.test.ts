/**
 * Recovery: when a series counts as back, for how long it must stay so, and what can be said when
 * the observation was too short.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase, aPoint, latency, someFindings } from '../../test/support/findings.js';
import type { SeriesPoint } from '../metrics/summary.js';
import { recoveryTime } from './recovery-time.js';

const SECOND = 1e9;

/** Baseline 0–4 s at 400/s, 10 ms, p99 20 ms; storm 4–6 s; recovery from 6 s on, as given. */
function after(points: readonly SeriesPoint[], seconds = points.length) {
  return someFindings({
    phases: [
      aPhase('baseline', [0, 4000], { offered: 1600 }, { latencyUs: latency(10, 20) }),
      aPhase('storm', [4000, 6000], { offered: 800, good: 400 }),
      aPhase('recovery', [6000, 6000 + seconds * 1000], { offered: 400 * seconds }),
    ],
    faults: [
      { id: 'f', kind: 'rpc-abort', phase: 'storm', seen: 1, hit: 1, hitSet: '0', hitFirst: 1 },
    ],
    series: [0, 1, 2, 3].map((index) => aPoint(index, 400, 400, 20)).concat(points),
  });
}

/** Intervals from 6 s on in which so many of 400 calls were good; p99 as the baseline's. */
const good = (...counts: readonly number[]) =>
  counts.map((count, index) => aPoint(6 + index, 400, count, 20));

const judge = (points: readonly SeriesPoint[], atMostSeconds: number, more = {}) =>
  recoveryTime.judge(
    {
      after: 'storm',
      atMost: atMostSeconds * SECOND,
      tolerance: 0.05,
      latencyFactor: 2,
      ...more,
    },
    after(points),
  );

test('recovered two seconds after the storm, and held', () => {
  const judged = judge(good(100, 300, 400, 400, 400, 400), 5);
  assert.deepEqual(judged, {
    verdict: 'pass',
    value: 2000,
    expected: '<= 5 s',
    unit: 'ms',
    why:
      'goodput of 95 % of the calls offered and p99 within 2 times that of baseline were reached ' +
      '2 s after the end of storm at 6 s, and held for 4 s',
  });
  assert.equal(judge(good(100, 300, 400, 400, 400, 400), 1).verdict, 'fail');
});

test('the floor: 95 % of 400 less the noise of what is open at the ends', () => {
  // n = 400, none fails in the baseline. L = 400/s · 10 ms = 4 calls open; 2·√(2·4) = 5.66.
  // 0.95·400 − 5.66 = 374.3: 375 are enough, 374 are not.
  assert.equal(judge(good(375, 375, 375, 375, 375, 375), 0).value, 0);
  assert.equal(judge(good(374, 374, 374, 375, 375, 375), 5).value, 3000);
});

test('goodput is measured against what was due: a lull is not an outage', () => {
  const lull = [5, 0, 20, 400, 400, 400].map((offered, index) =>
    aPoint(6 + index, offered, offered, offered === 0 ? undefined : 20),
  );
  assert.equal(judge(lull, 1).value, 0);
});

test('a slow tail is not recovery', () => {
  const slow = [41, 41, 40, 40, 40, 40].map((p99, index) => aPoint(6 + index, 400, 400, p99));
  assert.equal(judge(slow, 5).value, 2000);
  assert.equal(judge(slow, 5, { latencyFactor: 3 }).value, 0);
});

test('a relapse begins the hold anew', () => {
  assert.equal(judge(good(400, 400, 100, 400, 400, 400, 400), 5).value, 3000);
  // Three intervals were enough: what comes after is another disturbance.
  assert.equal(judge(good(400, 400, 400, 100, 400, 400), 5).value, 0);
});

test('not recovered: a fail when it was watched long enough, else inconclusive', () => {
  const failed = judge(good(100, 100, 100, 100), 4);
  assert.equal(failed.verdict, 'fail');
  assert.deepEqual([failed.value, failed.shown], [undefined, 'never']);
  assert.match(failed.why, /not recovered within the 4 s observed after the end of storm at 6 s/);
  assert.match(failed.why, /100 of 400 calls offered were good, at least 375 were needed/);
  const censored = judge(good(100, 100, 100, 100), 5);
  assert.equal(censored.verdict, 'inconclusive');
  assert.match(censored.why, /a longer phase after storm would decide it/);
});

test('back, but not held to the end of the hold', () => {
  const points = good(100, 100, 100, 100, 400, 400);
  // Back since 4 s, three intervals are asked for and two were seen.
  assert.equal(judge(points, 5).verdict, 'inconclusive');
  assert.equal(judge(points, 4).verdict, 'inconclusive');
  // Whether it holds or not, 4 s are more than 3 s.
  assert.equal(judge(points, 3).verdict, 'fail');
  assert.equal(judge(points, 5, { hold: 2 * SECOND }).value, 4000);
});

test('streams that are opened again are no lost service, before the storm or after it', () => {
  const findings = after(good(400, 400, 400));
  const series = findings.series.map((point) => ({
    ...point,
    offered: point.offered + 60,
    longLived: { offered: 60, good: 0 },
  }));
  const options = { after: 'storm', atMost: SECOND, tolerance: 0.05, latencyFactor: 2 };
  const judged = recoveryTime.judge(options, { ...findings, series });
  assert.deepEqual(judged, recoveryTime.judge(options, findings));
  // Alone they say nothing: there is no call to come back.
  const streams = series.map((point) => ({ ...point, offered: 60, good: 0 }));
  const alone = recoveryTime.judge(options, { ...findings, series: streams });
  assert.equal(alone.verdict, 'inconclusive');
});

test('few intervals, as in a quick run, ask for half of them', () => {
  assert.equal(judge(good(400, 400), 1).verdict, 'pass');
  assert.equal(judge(good(100, 400), 1).value, 1000);
  assert.equal(judge(good(400), 1).verdict, 'pass');
});

test('watching ends where the next fault begins', () => {
  const findings = after(good(100, 100, 400, 400, 400, 400), 2);
  const second = aPhase('storm-2', [8000, 12_000], { offered: 1600 });
  const fault = { id: 'g', kind: 'rpc-abort', seen: 1, hit: 1, hitSet: '0', hitFirst: 1 };
  const judged = recoveryTime.judge(
    { after: 'storm', atMost: 2 * SECOND, tolerance: 0.05, latencyFactor: 2 },
    {
      ...findings,
      phases: [...findings.phases, second],
      faults: [...findings.faults, { ...fault, phase: 'storm-2' }],
    },
  );
  assert.equal(judged.verdict, 'fail');
  assert.match(judged.why, /within the 2 s observed/);
});

test('without a baseline, load or the phase itself there is no answer', () => {
  const options = { after: 'storm', atMost: SECOND, tolerance: 0.05, latencyFactor: 2 };
  const findings = after(good(400));
  const [, storm, recovery] = findings.phases;
  assert.ok(storm && recovery);
  const empty = aPhase('baseline', [0, 4000]);
  for (const [phases, why] of [
    [[], /the run stopped before storm began/],
    [[storm, recovery], /name one with "of"/],
    [[empty, storm, recovery], /no call ended OK in baseline/],
  ] as const) {
    const judged = recoveryTime.judge(options, { ...findings, phases });
    assert.equal(judged.verdict, 'inconclusive');
    assert.match(judged.why, why);
  }
  assert.match(recoveryTime.judge(options, after([])).why, /no interval with load/);
  assert.deepEqual(recoveryTime.phasesNamed({ ...options, of: 'calm' }), ['storm', 'calm']);
});
