/** The checks that look at single backends: when one went bad, who still called it, who connected. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someEvidence } from '../../test/support/evidence.js';
import { aPhase, aServerSummary, someFindings } from '../../test/support/findings.js';
import { durationsOf } from '../../test/support/record-lines.js';
import type { BackendPoint, EventSummary, ServerSummary } from '../metrics/summary.js';
import { misroutes } from './misroutes.js';
import { reconnectRate } from './reconnect-rate.js';
import { timeToDetect } from './time-to-detect.js';
import { wastedWork } from './wasted-work.js';

const event = (
  atMs: number,
  kind: EventSummary['kind'],
  subject: string,
  more: Partial<EventSummary> = {},
): EventSummary => ({ atMs, kind, subject, detail: `${subject}: ${kind}`, ...more });

/** Seconds of 90 attempts, of which b1 has so many, and b0 and b2 the rest. */
const series = (...ofB1: readonly number[]): BackendPoint[] =>
  ofB1.map((b1, index) => ({
    fromMs: index * 1e3,
    toMs: (index + 1) * 1e3,
    attempts: { b0: (90 - b1) / 2, b1, b2: (90 - b1) / 2 },
  }));

const bad = (events: readonly EventSummary[], backendSeries: readonly BackendPoint[]) =>
  someFindings({
    phases: [aPhase('calm', [0, 2000], {}), aPhase('bad', [2000, 8000], { offered: 540 })],
    events,
    backendSeries,
  });

const FAULT = event(2100, 'fault.start', 'bad/rpc-abort', { detail: 'rpc-abort began on b1' });
const DETECT = { phase: 'bad', backend: 'b1', shareAtMost: 0.05 };

test('time-to-detect: from the onset to the first of two seconds without the backend', () => {
  // 5 % of a fair share of 30 attempts is 1.5: one is next to nothing, two are not.
  const findings = bad([FAULT], series(30, 30, 30, 20, 2, 1, 0, 0));
  const judged = timeToDetect.judge({ ...DETECT, atMost: 3e9 }, findings);
  // The second that begins at 5 s is the first; the onset is at 2.1 s.
  assert.deepEqual([judged.verdict, judged.value], ['pass', 2900]);
  assert.deepEqual(judged.interval, { low: 1900, high: 2900, level: 1 });
  assert.match(judged.why, /^b1 had .* from 2\.9 s after rpc-abort began on b1 at 2\.1 s on/);
  const within = timeToDetect.judge({ ...DETECT, atMost: 2.5e9 }, findings);
  assert.equal(within.verdict, 'inconclusive');
  assert.equal(timeToDetect.judge({ ...DETECT, atMost: 1e9 }, findings).verdict, 'fail');
  assert.equal(
    timeToDetect.judge({ ...DETECT, atMost: 3e9, hold: 4e9 }, findings).value,
    undefined,
  );
});

test('time-to-detect: unnoticed to the end is a fail, or what was claimed', () => {
  const findings = bad([FAULT], series(30, 30, 30, 30, 30, 30, 30, 30));
  const missed = timeToDetect.judge({ ...DETECT, atMost: 3e9 }, findings);
  assert.deepEqual([missed.verdict, missed.value, missed.shown], ['fail', undefined, 'never']);
  assert.match(missed.why, /^b1 still had 33\.3 % of the attempts at the end of bad, 5\.9 s after/);
  assert.equal(timeToDetect.judge({ ...DETECT, atLeast: 5e9 }, findings).verdict, 'pass');
  assert.equal(timeToDetect.judge({ ...DETECT, atMost: 60e9 }, findings).verdict, 'inconclusive');
});

test('time-to-detect: a fair share of next to nothing may be none by chance', () => {
  const few = series(30, 30, 0, 0, 0).map((point) => ({ ...point, attempts: { b0: 1, b1: 0 } }));
  const judged = timeToDetect.judge({ ...DETECT, atMost: 3e9 }, bad([FAULT], few));
  assert.equal(judged.verdict, 'inconclusive');
  assert.match(judged.why, /a fair share was only 1 attempt, which chance may spare/);
});

const notServing = (atMs: number, to: 'NOT_SERVING' | 'SERVING') =>
  event(atMs, 'health', 'b1', {
    detail: `b1 says ${to}`,
    health: { services: [''], to },
  });
const MISROUTES = { phase: 'bad', grace: 100e6, service: '' };

test('misroutes: attempts that arrive within the grace are forgiven, later ones are not', () => {
  const findings = bad([notServing(3000, 'NOT_SERVING'), notServing(5000, 'SERVING')], []);
  // Five at 40 ms after it was told, three at 150 ms, two at 900 ms.
  const unhealthy = { b1: durationsOf([40, 5], [150, 3], [900, 2]) };
  const judge = (options: { atMost?: number; atLeast?: number; grace?: number }) =>
    misroutes.judge({ ...MISROUTES, ...options }, findings, someEvidence({ unhealthy }));
  const judged = judge({ atMost: 0 });
  assert.deepEqual([judged.verdict, judged.value], ['fail', 5]);
  assert.equal(
    judged.why,
    '5 attempts were made to b1 in bad (2 s to 8 s) more than 100 ms after it was not to be called; ' +
      'that was so from 3 s on, because it said NOT_SERVING',
  );
  const late = judge({ atMost: 0, grace: 950e6 });
  assert.equal(late.verdict, 'pass');
  assert.match(late.why, /^no attempt was made to b1 in bad .* after it was not to be called;/);
  assert.equal(judge({ atLeast: 5 }).verdict, 'pass');
  assert.equal(judge({ atLeast: 6 }).verdict, 'fail');
});

test('misroutes: of a process that is away, whole intervals are certain and its ends are not', () => {
  const events = [event(3200, 'process.paused', 'b1'), event(6500, 'process.resumed', 'b1')];
  // Gone from 3.3 s: the second from 3 s may be, those from 4 and 5 s are, that from 6 s may be.
  const findings = bad(events, series(30, 30, 30, 12, 3, 4, 7, 30));
  const judge = (atMost: number) =>
    misroutes.judge({ ...MISROUTES, atMost }, findings, someEvidence());
  const judged = judge(10);
  assert.deepEqual(judged.interval, { low: 7, high: 26, level: 1 });
  assert.deepEqual([judged.verdict, judged.value], ['inconclusive', 7]);
  assert.match(judged.why, /^7 attempts were made to b1, perhaps up to 19 more, in bad/);
  assert.match(judged.why, /that was so from 3\.2 s on, because its process was paused$/);
  assert.equal(judge(26).verdict, 'pass');
  assert.equal(judge(6).verdict, 'fail');
});

test('misroutes: nobody unhealthy for longer than the grace decides nothing', () => {
  const judge = (events: readonly EventSummary[]) =>
    misroutes.judge({ ...MISROUTES, atMost: 0 }, bad(events, []), someEvidence());
  assert.equal(judge([]).verdict, 'inconclusive');
  const short = [notServing(3000, 'NOT_SERVING'), notServing(3050, 'SERVING')];
  assert.match(judge(short).why, /no backend was unhealthy or gone in bad .* longer than 100 ms/);
  // A process that comes up anew says SERVING without an event.
  const anew = [notServing(3000, 'NOT_SERVING'), event(3060, 'process.started', 'b1')];
  assert.equal(judge(anew).verdict, 'inconclusive');
  assert.equal(judge([notServing(3000, 'NOT_SERVING')]).verdict, 'pass');
});

const served = (more: Partial<ServerSummary>) => {
  const server = aServerSummary(more);
  return someFindings({ phases: [aPhase('bad', [0, 4000], { offered: 100 }, { server })] });
};

test('reconnect-rate: the peak counts, not the mean; all of them where none may be', () => {
  const connectionsPeak = { connections: 24, ms: 500 };
  const findings = served({ connections: 60, connectionsPerSecondMax: 48, connectionsPeak });
  const judge = (options: { atMost?: number; atLeast?: number; countAtMost?: number }) =>
    reconnectRate.judge({ phase: 'bad', ...options }, findings);
  assert.deepEqual(judge({ atMost: 50 }), {
    verdict: 'pass',
    value: 48,
    expected: '<= 50/s',
    unit: '/s',
    why:
      '60 connections were made in bad (0 ms to 4 s), 15/s on average and 24 of them within the ' +
      'same 500 ms (48/s)',
  });
  assert.equal(judge({ atMost: 40 }).verdict, 'fail');
  assert.equal(judge({ atLeast: 40 }).verdict, 'pass');
  assert.equal(judge({ countAtMost: 59 }).verdict, 'fail');
  assert.equal(judge({ countAtMost: 59 }).shown, '60 connections');
  assert.equal(judge({ atMost: 50, countAtMost: 59 }).shown, '48/s and 60 connections');
  assert.equal(judge({ countAtMost: 60 }).expected, '<= 60 connections');
  const old = reconnectRate.judge({ phase: 'bad', atMost: 1 }, served({}));
  assert.equal(old.verdict, 'inconclusive');
});

test('wasted-work: a quarter of the service time was for nobody', () => {
  const judge = (options: { atMost?: number; atLeast?: number }, servedMs = 2000) =>
    wastedWork.judge({ phase: 'bad', ...options }, served({ servedMs, wastedMs: 500 }));
  assert.deepEqual(
    [judge({ atMost: 0.25 }).verdict, judge({ atMost: 0.25 }).value],
    ['pass', 0.25],
  );
  assert.equal(judge({ atMost: 0.2 }).verdict, 'fail');
  assert.equal(judge({ atLeast: 0.3 }).verdict, 'fail');
  assert.equal(judge({ atMost: 1 }, 0).verdict, 'inconclusive');
});
