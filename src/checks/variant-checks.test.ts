/** Checks that say which policy is the better one: against another variant, by share, by load. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someEvidence } from '../../test/support/evidence.js';
import { aPhase, aPoint, aServerSummary, someFindings } from '../../test/support/findings.js';
import { durationsOf } from '../../test/support/record-lines.js';
import type { BackendSummary, PhaseSummary } from '../metrics/summary.js';
import { backendShare } from './backend-share.js';
import { retryAmplification } from './retry-amplification.js';
import { utilisation } from './utilisation.js';
import { versus } from './versus.js';
import { wastedWork } from './wasted-work.js';

const variant = (name: string, offered: number, good: number, more: Partial<PhaseSummary> = {}) =>
  someFindings({ name, phases: [aPhase('slow', [0, 2000], { offered, good }, more)] });

const FAILURES = { phase: 'slow', against: 'plain', measure: 'failures', percentile: 99 } as const;

test('versus: failures of unequal numbers of calls, with an interval of the ratio', () => {
  const plain = variant('plain', 400, 300);
  const judge = (good: number, bounds: { atMost?: number; atLeast?: number }) =>
    versus.judge(
      { ...FAILURES, ...bounds },
      variant('p2c', 200, good),
      someEvidence({ variants: [plain] }),
    );
  // 5 of 200 against 100 of 400: a tenth. Of all 105 failures 5 are here: 1.6 to 10.8 % of them, doubled odds.
  const judged = judge(195, { atMost: 0.5 });
  assert.deepEqual([judged.verdict, judged.value], ['pass', 0.1]);
  const { low = 0, high = 0 } = judged.interval ?? {};
  assert.ok(Math.abs(low - 0.0318) < 1e-3 && Math.abs(high - 0.2416) < 1e-3, `${low} ${high}`);
  assert.match(
    judged.why,
    /^5 of 200 calls due in slow did not end .*, and 100 of 400 with plain: 0\.1 times \(95 % int/,
  );
  assert.equal(judge(195, { atMost: 0.2 }).verdict, 'inconclusive');
  assert.equal(judge(140, { atMost: 0.5 }).verdict, 'fail');
  assert.equal(judge(100, { atLeast: 1.5 }).verdict, 'pass');
});

test('versus: where the other never failed there is no multiple, but a least one', () => {
  const judge = (good: number, atLeast: number) =>
    versus.judge(
      { ...FAILURES, atLeast },
      variant('none', 200, good),
      someEvidence({ variants: [variant('plain', 200, 200)] }),
    );
  const worse = judge(100, 2);
  assert.deepEqual(
    [worse.verdict, worse.value, worse.interval?.high],
    ['pass', undefined, undefined],
  );
  assert.deepEqual([worse.shown, worse.expected], ['100 to 0 failed', '>= 2 times plain']);
  assert.equal(judge(200, 2).verdict, 'inconclusive');
  assert.match(judge(200, 2).why, /no call failed in slow of either/);
});

test('versus: tails come from whole distributions', () => {
  const times = { p2c: durationsOf([10, 2000]), plain: durationsOf([40, 2000]) };
  const evidence = someEvidence({
    variants: [variant('plain', 2000, 2000)],
    durations: ({ variant: name }) => times[name as keyof typeof times],
  });
  const judge = (atMost: number) =>
    versus.judge({ ...FAILURES, measure: 'latency', atMost }, variant('p2c', 2000, 2000), evidence);
  assert.equal(judge(0.3).verdict, 'pass');
  assert.match(
    judge(0.3).why,
    /^p99 of the latency in slow was 10 ms .* 40 ms \(of 2,000\) with plain/,
  );
  assert.equal(judge(0.2).verdict, 'fail');
});

test('versus: a herd of connections, and what was not run', () => {
  const peak = (connectionsPerSecondMax: number) => ({
    server: aServerSummary({
      connections: 50,
      connectionsPerSecondMax,
      connectionsPeak: { connections: connectionsPerSecondMax / 10, ms: 100 },
    }),
  });
  const judge = (bounds: object, variants = [variant('plain', 1, 1, peak(400))]) =>
    versus.judge(
      { ...FAILURES, measure: 'connects', ...bounds },
      variant('spread', 1, 1, peak(100)),
      someEvidence({ variants }),
    );
  assert.deepEqual([judge({ atMost: 0.3 }).verdict, judge({ atMost: 0.3 }).value], ['pass', 0.25]);
  assert.match(
    judge({ atMost: 0.3 }).why,
    /^connections were made at 100\/s .* most \(10 within 100 ms\), and at 400\/s \(40 within 100 ms\) with plain/,
  );
  assert.equal(judge({ atMost: 0.2 }).verdict, 'fail');
  assert.equal(judge({ atMost: 0.3 }, []).verdict, 'inconclusive');
  assert.match(judge({ atMost: 0.3 }, []).why, /^plain was not run/);
});

const backend = (name: string, attempts: number, busy?: number): BackendSummary => ({
  name,
  address: '',
  attempts,
  byCode: {},
  ...(busy === undefined ? {} : { utilisation: busy }),
});

test('backend-share: some backends together, of all attempts', () => {
  const backends = [backend('b0', 60), backend('b1', 30), backend('b2', 10)];
  const judge = (bounds: { atMost?: number; atLeast?: number }, of = backends) =>
    backendShare.judge(
      { phase: 'slow', backends: ['b1', 'b2'], ...bounds },
      variant('v', 100, 100, { backends: of }),
    );
  assert.deepEqual(judge({ atMost: 0.4 }), {
    verdict: 'pass',
    value: 0.4,
    expected: '<= 40 %',
    unit: 'share',
    why: 'b1 and b2 took 40 of 100 attempts in slow (0 ms to 2 s) (40 %); an even share is 66.7 %',
  });
  assert.equal(judge({ atMost: 0.39 }).verdict, 'fail');
  assert.equal(judge({ atLeast: 0.41 }).verdict, 'fail');
  assert.equal(judge({ atLeast: 0.1 }, []).verdict, 'inconclusive');
});

test('utilisation: the mean of those named, as far as they told', () => {
  const backends = [backend('b0', 1, 0.9), backend('b1', 1, 0.5), backend('b2', 1)];
  const judge = (names: readonly string[], atMost: number) =>
    utilisation.judge(
      { phase: 'slow', backends: [...names], atMost },
      variant('v', 3, 3, { backends }),
    );
  assert.equal(judge(['b0', 'b1', 'b2'], 0.7).value, 0.7);
  assert.match(judge(['b0', 'b1'], 0.7).why, /busy by 70 % on average, the busiest b0 by 90 %/);
  assert.equal(judge(['b0', 'b1'], 0.6).verdict, 'fail');
  assert.equal(judge(['b2'], 0.6).verdict, 'inconclusive');
});

/** So many of 100 calls ended well, in the phase; `back` served 80 requests to the end in 800 ms, and gave up 200 ms more. */
const chain = (good: number) => {
  const tier = (name: string, attempts: number) => ({
    name,
    attempts,
    amplification: attempts / 100,
    byCode: { OK: 80 },
    cancelled: 0,
    servedServerMs: 1000,
    wastedServerMs: 200,
    wastedRequests: 0,
  });
  const tiers = [tier('front', 100), tier('back', 90)];
  const point = (index: number, ended: number) => aPoint(index, 50, ended);
  return {
    // Those due in the phase are none of its business.
    ...variant('chain', 100, 0, { tiers }),
    series: [point(0, good), point(1, 0), point(2, 7)],
  };
};

test('wasted-work of a tier: what it gave up, and what it served for calls that had failed', () => {
  const judge = (good: number) =>
    wastedWork.judge({ phase: 'slow', tier: 'back', atMost: 0.7 }, chain(good));
  // 200 ms given up, and half of the other 800 for nobody.
  assert.deepEqual([judge(40).verdict, judge(40).value], ['pass', 0.6]);
  assert.match(
    judge(40).why,
    /answered 80 requests OK, of which 40 were for calls that ended well/,
  );
  assert.equal(judge(0).value, 1);
  assert.equal(judge(100).value, 0.2, 'answers of the phase before are no negative waste');
  assert.equal(judge(0).verdict, 'fail');
});

test('retry-amplification of a tier: what it received for every call', () => {
  const judged = retryAmplification.judge({ phase: 'slow', tier: 'back', atMost: 0.9 }, chain(40));
  assert.deepEqual([judged.verdict, judged.value], ['pass', 0.9]);
  assert.match(judged.why, /^100 calls started in .* made 90 attempts at back, 0\.9 per call$/);
});
