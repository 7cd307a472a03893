/** Lost service and metastability on made-up courses of one-second intervals. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase, aPoint, aServerSummary, someFindings } from '../../test/support/findings.js';
import type { EventSummary, PhaseSummary } from '../metrics/summary.js';
import { lostService } from './lost-service.js';
import { metastability } from './metastability.js';

const FAULTS = [
  { id: 'f', kind: 'rpc-abort', phase: 'storm', seen: 0, hit: 0, hitSet: '', hitFirst: 0 },
];

/** Ten seconds of baseline with 400/s, all good, ten of storm, and what comes after. */
function course(
  storm: readonly number[],
  after: readonly number[],
  more: { events?: EventSummary[]; offeredAfter?: number; phases?: PhaseSummary[] } = {},
) {
  const end = 20 + after.length;
  return someFindings({
    phases: [
      aPhase('baseline', [0, 10_000], { offered: 4000 }),
      aPhase('storm', [10_000, 20_000], { offered: 4000 }),
      ...(more.phases ?? [aPhase('after', [20_000, end * 1e3], { offered: 400 * after.length })]),
    ],
    series: [
      ...Array.from({ length: 10 }, (_, index) => aPoint(index, 400, 400)),
      ...storm.map((good, index) => aPoint(10 + index, 400, good)),
      ...after.map((good, index) => aPoint(20 + index, more.offeredAfter ?? 400, good)),
    ],
    faults: FAULTS,
    events: more.events ?? [],
  });
}

const ten = (good: number) => Array.from({ length: 10 }, () => good);

test('lost-service: half of the goodput for ten seconds, and none for two, are seven lost', () => {
  const findings = course(ten(200), [0, 0, 400, 400, 400]);
  const judge = (options: { atMost?: number; atLeast?: number }) =>
    lostService.judge({ from: 'storm', ...options }, findings);
  const { value, verdict, interval, why } = judge({ atMost: 8e9 });
  // 10 s · 0.5 + 2 s · 1.
  assert.equal(value, 7000);
  // L = 400/s · 10 ms = 4 open calls: noise √8 ÷ 400 = 0.71 % an interval, √15 of them 27.4 ms; below, 0.4
  // of it in each, 42.3 ms.
  assert.ok(Math.abs((interval?.high ?? 0) - 7054.8) < 0.1, `${interval?.high}`);
  assert.ok(Math.abs((interval?.low ?? 0) - (7000 - 42.3 - 54.8)) < 0.1, `${interval?.low}`);
  assert.equal(verdict, 'pass');
  assert.match(
    why,
    /short of that of baseline by as much as 7 s .* it was lowest at 20 s, with 0 %/,
  );
  assert.equal(judge({ atMost: 6e9 }).verdict, 'fail');
  assert.equal(judge({ atMost: 7.01e9 }).verdict, 'inconclusive');
  assert.equal(judge({ atLeast: 5e9 }).verdict, 'pass');
});

test('lost-service: more calls good than were due make up for nothing; streams are left out', () => {
  const findings = course([...ten(0).slice(0, 5), ...ten(800).slice(0, 5)], [400]);
  assert.equal(lostService.judge({ from: 'storm', atMost: 6e9 }, findings).value, 5000);
  // 100 streams opened in one interval have no end yet, and are no loss.
  const series = findings.series.map((point) =>
    point.fromMs === 10_000
      ? { ...point, offered: 500, good: 400, longLived: { offered: 100, good: 0 } }
      : point,
  );
  assert.equal(
    lostService.judge({ from: 'storm', atMost: 6e9 }, { ...findings, series }).value,
    4000,
  );
});

test('lost-service: nothing to compare with, or a run that stopped, is inconclusive', () => {
  const judge = (findings: ReturnType<typeof someFindings>) =>
    lostService.judge({ from: 'storm', atMost: 1e9 }, findings);
  assert.equal(judge(someFindings()).verdict, 'inconclusive');
  const only = someFindings({ phases: [aPhase('storm', [0, 1000], { offered: 10 })] });
  assert.match(judge(only).why, /no goodput before storm to compare with/);
});

test('metastability: recovered, stuck, and neither for certain', () => {
  const judge = (after: readonly number[], expect: 'recovered' | 'stuck' = 'recovered') =>
    metastability.judge({ after: 'storm', below: 0.9, expect }, course(ten(100), after));
  const recovered = judge([...ten(100), ...ten(400)]);
  assert.deepEqual([recovered.verdict, recovered.value], ['pass', 1]);
  assert.equal(recovered.shown, 'recovered, 100 %');
  assert.match(
    recovered.why,
    /^from 30 s to 40 s, 10 s and more after the end of storm, .*: recovered$/,
  );
  const stuck = judge([...ten(400), ...ten(120)]);
  assert.deepEqual([stuck.verdict, stuck.value], ['fail', 0.3]);
  assert.equal(stuck.shown, 'stuck, 30 %');
  assert.match(stuck.why, /: stuck\. Nothing in the record says what keeps it there$/);
  assert.equal(judge([...ten(400), ...ten(120)], 'stuck').verdict, 'pass');
  // Five of ten up and five down: the median may be either.
  const both = judge([...ten(400), ...ten(400).slice(5), ...ten(100).slice(5)]);
  assert.deepEqual([both.verdict, both.shown], ['inconclusive', undefined]);
  assert.match(both.why, /a longer phase would decide it$/);
  assert.match(judge([100, 100]).why, /1 interval with load seen .* 3 would decide it/);
});

test('metastability: load or a backend that is not back is a trigger that is not gone', () => {
  const options = { after: 'storm', below: 0.9, expect: 'stuck' as const };
  const less = course(ten(100), ten(100), { offeredAfter: 200 });
  assert.match(metastability.judge(options, less).why, /the load was 50 % of that of baseline/);
  const crashed = { atMs: 12_000, kind: 'process.crashed', detail: 'b1 was killed', subject: 'b1' };
  const down = course(ten(100), ten(100), { events: [crashed as EventSummary] });
  assert.match(metastability.judge(options, down).why, /^b1 had not come back by 25 s/);
  assert.equal(metastability.judge(options, down).verdict, 'inconclusive');
  const started = { ...crashed, atMs: 19_000, kind: 'process.started' } as EventSummary;
  const back = course(ten(100), ten(100), { events: [crashed as EventSummary, started] });
  assert.equal(metastability.judge(options, back).verdict, 'pass');
});

const attempts = (calls: number, amplification: number) => ({
  ...aPhase('x', [0, 1], { offered: calls }).attempts,
  total: calls * amplification,
  amplification,
});

test('metastability: shed and restored tell metastable from damaged, and effects are named', () => {
  const phases = [
    aPhase(
      'after',
      [20_000, 30_000],
      { offered: 4000 },
      {
        attempts: attempts(4000, 3.5),
        server: aServerSummary({ servedMs: 1000, wastedMs: 600 }),
      },
    ),
    aPhase('shed', [30_000, 35_000]),
    aPhase('restored', [35_000, 40_000], { offered: 2000 }),
  ];
  const options = { after: 'storm', below: 0.9, shed: 'shed', restored: 'restored' };
  const judge = (restored: number, expect: 'metastable' | 'damaged' | 'stuck') => {
    const after = [...ten(40), ...ten(0).slice(5), ...ten(restored).slice(5)];
    return metastability.judge({ ...options, expect }, course(ten(100), after, { phases }));
  };
  const metastable = judge(400, 'metastable');
  assert.equal(metastable.verdict, 'pass');
  // Waste: 60 % of service time over the floor of 2.5 %, 24 times; attempts 3.5 times.
  assert.match(
    metastable.why,
    /stuck\. What keeps it there: wasted work \(60 % of service time, before 0 %\), amplification \(3\.5 attempts a call, before 1\); in restored .* back at 100 %: metastable$/,
  );
  assert.equal(judge(40, 'metastable').verdict, 'fail');
  assert.equal(judge(40, 'damaged').verdict, 'pass');
  assert.match(metastable.shown ?? '', /^metastable, /);
  assert.match(judge(40, 'stuck').shown ?? '', /^damaged, /);
  assert.equal(judge(400, 'stuck').verdict, 'pass');
});
