/** The checks of what became of calls and messages, beside figures that can be had by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someEvidence } from '../../test/support/evidence.js';
import { aCallCount, aPhase, someFindings } from '../../test/support/findings.js';
import { durationsOf } from '../../test/support/record-lines.js';
import type { EventSummary, PhaseSummary, StreamSummary } from '../metrics/summary.js';
import { backpressureBound } from './backpressure-bound.js';
import { deadlineOvershoot } from './deadline-overshoot.js';
import { headOfLine } from './head-of-line.js';
import { hedgingGain } from './hedging-gain.js';
import { littlesLaw } from './littles-law.js';
import { lostCalls } from './lost-calls.js';
import { statusTable } from './status-table.js';

const storm = (more: Partial<PhaseSummary>, events: readonly EventSummary[] = []) =>
  someFindings({ phases: [aPhase('storm', [0, 10_000], { offered: 1000 }, more)], events });

test('deadline-overshoot: calls beyond the tolerance, and those that never ended, missed it', () => {
  const overshoot = durationsOf([5, 20], [200, 9]);
  const deadline = {
    exceeded: 40,
    calls: 999,
    cutOff: 1,
    wastedServerMs: 0,
    wastedRequests: 0,
    overshootUs: {
      ...aPhase('x', [0, 1], { offered: 1 }).latencyUs,
      count: 29,
      p50: 5e3,
      max: 2e5,
    },
  } as PhaseSummary['deadline'];
  const judge = (atLeast: number, within = 50e6) =>
    deadlineOvershoot.judge(
      { phase: 'storm', within, atLeast },
      storm({ ...(deadline && { deadline }) }),
      someEvidence({ durations: ({ metric }) => (metric === 'overshoot' ? overshoot : undefined) }),
    );
  // 9 late and 1 open of 1,000: 99 %, with 98.17 % to 99.52 % by Clopper and Pearson.
  const { value, interval, why } = judge(0.95);
  assert.equal(value, 0.99);
  assert.ok(Math.abs((interval?.low ?? 0) - 0.9817) < 5e-5, `${interval?.low}`);
  assert.ok(Math.abs((interval?.high ?? 0) - 0.9952) < 5e-5, `${interval?.high}`);
  assert.match(
    why,
    /^990 of 1,000 calls with a deadline, .* or within 50 ms after .*; 29 ended after .* 200 ms, and at least 11 of 40 DEADLINE_EXCEEDED at it or before, 1 call never ended$/,
  );
  assert.deepEqual(
    [0.95, 0.99, 0.999].map((atLeast) => judge(atLeast).verdict),
    ['pass', 'inconclusive', 'fail'],
  );
  assert.equal(judge(0.95, 1e6).value, 0.97);
  const none = deadlineOvershoot.judge(
    { phase: 'storm', within: 0, atLeast: 0.9 },
    storm({}),
    someEvidence(),
  );
  assert.equal(none.verdict, 'inconclusive');
});

const DRAIN: EventSummary = {
  atMs: 2000,
  kind: 'process.draining',
  detail: 'backend b0 drains',
  subject: 'b0',
};

test('lost-calls: open at the end, hung, and taken along by a drain', () => {
  const calls = aCallCount({
    offered: 1000,
    abandoned: 2,
    byCode: { OK: 990, UNAVAILABLE: 5, DEADLINE_EXCEEDED: 3 },
  });
  const judge = (options: { atMost?: number; atLeast?: number }, events: EventSummary[] = []) =>
    lostCalls.judge(
      { phase: 'storm', grace: 1e9, ...options },
      storm({ calls }, events),
      someEvidence({ durations: () => durationsOf([100, 7], [1500, 3]) }),
    );
  // Without a drain, failed calls are failures and not lost: 2 never ended, 3 hung.
  assert.deepEqual([judge({ atMost: 4 }).verdict, judge({ atMost: 4 }).value], ['fail', 5]);
  assert.equal(judge({ atMost: 5 }).verdict, 'pass');
  // With one, 5 more; the 3 that hung may be among them.
  const drained = judge({ atMost: 8 }, [DRAIN]);
  assert.deepEqual([drained.verdict, drained.value], ['inconclusive', 10]);
  assert.deepEqual(drained.interval, { low: 7, high: 10, level: 1 });
  assert.match(drained.why, /5 ended UNAVAILABLE or INTERNAL or CANCELLED \(b0 drained at 2 s\)$/);
  assert.equal(judge({ atMost: 6 }, [DRAIN]).verdict, 'fail');
  const none = lostCalls.judge(
    { phase: 'storm', grace: 1e9, atMost: 0 },
    someFindings(),
    someEvidence(),
  );
  assert.equal(none.verdict, 'inconclusive');
});

test('status-table: a status outside of it fails, a share is judged by its interval', () => {
  const byCode = { OK: 940, UNAVAILABLE: 50, INTERNAL: 10 };
  const calls = aCallCount({ offered: 1000, completed: 1000, byCode });
  const judge = (may: Parameters<typeof statusTable.judge>[0]['may']) =>
    statusTable.judge({ phase: 'storm', may }, storm({ calls }));
  const strange = judge({ OK: {}, UNAVAILABLE: {} });
  assert.deepEqual([strange.verdict, strange.value], ['fail', 10]);
  assert.match(strange.why, /10 INTERNAL should not be: OK 940 \(94 %\), UNAVAILABLE 50 \(5 %\)$/);
  const rest = { OK: {}, INTERNAL: {} };
  // 50 of 1,000: 3.73 % to 6.54 %.
  assert.equal(judge({ ...rest, UNAVAILABLE: { atMost: 0.07 } }).verdict, 'pass');
  const open = judge({ ...rest, UNAVAILABLE: { atMost: 0.06 } });
  assert.equal(open.verdict, 'inconclusive');
  assert.match(open.why, /UNAVAILABLE 50 \(5 %, 95 % interval 3\.7 % to 6\.5 %, undecided\)/);
  assert.equal(judge({ ...rest, UNAVAILABLE: { atMost: 0.03 } }).verdict, 'fail');
  // One that may occur, and must, did not.
  assert.equal(judge({ ...rest, UNAVAILABLE: {}, CANCELLED: { atLeast: 0.01 } }).verdict, 'fail');
  assert.equal(
    statusTable.judge({ phase: 'storm', may: { OK: {} } }, someFindings()).verdict,
    'inconclusive',
  );
});

test('backpressure-bound: the most bytes of one stream, and messages of one reader', () => {
  const streams: StreamSummary = {
    messagesOffered: 100,
    messagesSent: 90,
    messagesMissed: 10,
    messagesReceived: 90,
    writeStallMs: 1500,
    bufferedBytesMax: 65_536,
  };
  const chat = {
    received: 90,
    delivered: 80,
    dropped: 10,
    readersDisconnected: 0,
    outboxMessagesMax: 8,
  };
  const judge = (atMost: number, outboxAtMost?: number) =>
    backpressureBound.judge({ phase: 'storm', atMost, outboxAtMost }, storm({ streams, chat }));
  assert.deepEqual([judge(65_536).verdict, judge(65_536).value], ['pass', 65_536]);
  assert.equal(judge(65_535).verdict, 'fail');
  assert.equal(judge(65_536, 8).verdict, 'pass');
  assert.equal(judge(65_536, 7).verdict, 'fail');
  const waits = (atLeast: number) =>
    backpressureBound.judge({ phase: 'storm', atLeast }, storm({ streams, chat })).verdict;
  assert.deepEqual([waits(65_536), waits(65_537)], ['pass', 'fail']);
  assert.match(
    judge(1).why,
    /^at most 65,536 bytes waited in one stream .* 10 of 100 messages were not sent/,
  );
  assert.equal(
    backpressureBound.judge({ phase: 'storm', atMost: 1 }, storm({})).verdict,
    'inconclusive',
  );
});

/** 1,000 calls at one time, `tail` of them at another; p99 is the tail's from 2 % on. */
const tailed = (ms: number, tailMs: number, tail = 50) =>
  durationsOf([ms, 1000 - tail], [tailMs, tail]);

test('head-of-line: a tail ten times as long, certain by its interval', () => {
  const sides = { of: { phase: 'stalled' }, against: { phase: 'storm' } };
  const judge = (options: { atMost?: number; atLeast?: number }, stalled = tailed(5, 200)) =>
    headOfLine.judge(
      { ...sides, metric: 'latency', percentile: 99, ...options },
      storm({}),
      someEvidence({ durations: ({ phase }) => (phase === 'storm' ? tailed(5, 20) : stalled) }),
    );
  const judged = judge({ atMost: 2 });
  // All ranks that hold the 99th percentile of 1,000 lie among the upper 50: 200 ms ÷ 20 ms.
  assert.equal(judged.verdict, 'fail');
  for (const value of [judged.value, judged.interval?.low, judged.interval?.high]) {
    assert.ok(Math.abs((value ?? 0) - 10) < 0.02, `${value}`);
  }
  assert.equal(judge({ atLeast: 5 }).verdict, 'pass');
  assert.equal(judge({ atLeast: 5 }).expected, 'p99 >= 5');
  // 1 % at 200 ms: the 99th percentile is 5 ms or 200.
  assert.equal(judge({ atMost: 2 }, tailed(5, 200, 10)).verdict, 'inconclusive');
  // 100 calls have no upper end of their 99th percentile.
  assert.equal(judge({ atMost: 100 }, durationsOf([5, 100])).verdict, 'inconclusive');
});

test('head-of-line: another variant that was not run', () => {
  const options = {
    of: { phase: 'storm' },
    against: { phase: 'storm', variant: 'calm' },
    metric: 'latency' as const,
    percentile: 99,
    atMost: 2,
  };
  const judge = (evidence: ReturnType<typeof someEvidence>) =>
    headOfLine.judge(options, storm({}), evidence);
  assert.match(judge(someEvidence()).why, /^calm was not run/);
  const durations = () => tailed(5, 20);
  const run = someEvidence({ variants: [{ ...storm({}), name: 'calm' }], durations });
  assert.deepEqual([judge(run).verdict, judge(run).value], ['pass', 1]);
});

test('hedging-gain: 80 % less for 5 % more attempts are 16', () => {
  const hedged = storm({ attempts: attempts(1.05) });
  const plain = { ...storm({ attempts: attempts(1) }), name: 'plain' };
  const evidence = someEvidence({
    variants: [plain],
    durations: ({ variant }) => (variant === 'plain' ? tailed(5, 100) : tailed(5, 20)),
  });
  const judge = (bounds: object, given = evidence) =>
    hedgingGain.judge(
      { phase: 'storm', against: 'plain', percentile: 99, ...bounds },
      hedged,
      given,
    );
  const judged = judge({ gainAtLeast: 0.5, extraAtMost: 0.06 });
  assert.equal(judged.verdict, 'pass');
  assert.ok(Math.abs((judged.value ?? 0) - 16) < 0.05, `${judged.value}`);
  assert.match(
    judged.why,
    /^p99 in storm .* was 20 ms, without hedging \(plain\) 100 ms: 80 % less/,
  );
  // Each bound has its figure beside it.
  assert.deepEqual(
    [judged.shown, judged.expected],
    ['gain 80 % and extra 5 %', 'gain >= 50 % and extra <= 6 %'],
  );
  assert.match(judge({ perExtraAtLeast: 10 }).shown ?? '', /^gain\/extra (16|15\.9\d*)$/);
  assert.equal(judge({ gainAtLeast: 0.9 }).verdict, 'fail');
  assert.equal(judge({ extraAtMost: 0.04 }).verdict, 'fail');
  assert.equal(judge({ perExtraAtLeast: 10 }).verdict, 'pass');
  assert.equal(judge({ perExtraAtLeast: 20 }).verdict, 'fail');
  assert.match(judge({ gainAtLeast: 0 }, someEvidence()).why, /^plain was not run/);
  // 1 % of stragglers: whether the 99th percentile is one of them is open.
  const unsure = someEvidence({ variants: [plain], durations: () => tailed(5, 100, 10) });
  assert.equal(judge({ gainAtLeast: 0.5 }, unsure).verdict, 'inconclusive');
});

function attempts(amplification: number) {
  return { ...aPhase('x', [0, 1], { offered: 1000 }).attempts, amplification };
}

test("littles-law: L ÷ λW, within the tolerance and the summary's rounding", () => {
  const judge = (inFlightMean: number, tolerance = 0.005) =>
    littlesLaw.judge(
      { phase: 'storm', tolerance },
      storm({ littlesLaw: { inFlightMean, rateTimesTime: 4, roundingMax: 0.001 } }),
    );
  assert.deepEqual([judge(4.02).verdict, judge(4.02).value], ['pass', 1.005]);
  assert.equal(judge(4.03).verdict, 'fail');
  assert.equal(judge(3.97).verdict, 'fail');
  const cut = storm({ calls: aCallCount({ offered: 5, abandoned: 5 }) });
  const judged = littlesLaw.judge({ phase: 'storm', tolerance: 0.01 }, cut);
  assert.match(judged.why, /^5 calls of storm .* were cut off and have no time/);
});
