/** The checks of how long calls take, what they cost, and what servers keep, beside figures had by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someEvidence } from '../../test/support/evidence.js';
import {
  aCallCount,
  aPhase,
  aServerSummary,
  latency,
  someFindings,
} from '../../test/support/findings.js';
import { durationsOf } from '../../test/support/record-lines.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { callTime } from './call-time.js';
import { cpuCost } from './cpu-cost.js';
import { outboxBound } from './outbox-bound.js';
import { successRate } from './success-rate.js';

const storm = (more: Partial<PhaseSummary>) =>
  someFindings({ phases: [aPhase('storm', [0, 10_000], { offered: 1000 }, more)] });

test('call-time: the slowest call is as it is, a percentile has an interval', () => {
  const times = { latencyUs: latency(10, 900), serviceTimeUs: latency(8, 400) };
  const judge = (options: Partial<Parameters<typeof callTime.judge>[0]>) =>
    callTime.judge(
      { phase: 'storm', metric: 'latency', ...options },
      storm({
        ...times,
        loads: [{ name: 'say', calls: aCallCount(), latencyUs: latency(10, 20) }],
      }),
      someEvidence({ durations: () => durationsOf([10, 980], [900, 20]) }),
    );
  const slowest = judge({ atMost: 900e6 });
  assert.deepEqual([slowest.verdict, slowest.value, slowest.interval], ['pass', 900, undefined]);
  assert.match(
    slowest.why,
    /^the slowest of 1,000 calls took 900 ms and half of them 10 ms or less/,
  );
  assert.equal(judge({ atMost: 899e6 }).verdict, 'fail');
  assert.equal(judge({ atLeast: 901e6 }).verdict, 'fail');
  // From its send, and of one load alone.
  assert.equal(judge({ metric: 'serviceTime', atMost: 400e6 }).value, 400);
  assert.equal(judge({ load: 'say', atMost: 900e6 }).value, 20);
  // 2 % are slow: the median is certain, of the 98th percentile nobody knows.
  assert.equal(judge({ percentile: 50, atMost: 11e6 }).verdict, 'pass');
  assert.equal(judge({ percentile: 98, atMost: 11e6 }).verdict, 'inconclusive');
  assert.equal(judge({ percentile: 99.5, atMost: 11e6 }).verdict, 'fail');
  const none = callTime.judge(
    { phase: 'storm', metric: 'latency', atMost: 1 },
    someFindings({ phases: [aPhase('storm', [0, 10_000])] }),
    someEvidence(),
  );
  assert.equal(none.verdict, 'inconclusive');
});

test('cpu-cost: CPU time of both sides per call, over that of another variant', () => {
  const variant = (name: string, client: number, server: number | undefined, made: number) => ({
    ...storm({
      cpu: {
        clientUsPerCall: client,
        ...(server === undefined ? {} : { serverUsPerAttempt: server }),
      },
      server: aServerSummary({ connections: made }),
    }),
    name,
  });
  const judge = (
    options: { atMost?: number; atLeast?: number },
    server: number | undefined = 200,
    variants = [variant('lasting', 100, 100, 0)],
  ) =>
    cpuCost.judge(
      { phase: 'storm', against: 'lasting', ...options },
      variant('churn', 300, server, 12),
      someEvidence({ variants }),
    );
  assert.deepEqual([judge({ atLeast: 2.5 }).verdict, judge({ atLeast: 2.5 }).value], ['pass', 2.5]);
  assert.equal(judge({ atMost: 2.4 }).verdict, 'fail');
  assert.match(
    judge({ atMost: 3 }).why,
    /took 300 µs of the client's and 200 µs of the servers' .*; 12 connections were made, .* 0$/,
  );
  const unknown = { ...variant('churn', 300, undefined, 0) };
  const options = { phase: 'storm', against: 'lasting', atMost: 3 };
  const other = someEvidence({ variants: [variant('lasting', 100, 100, 0)] });
  assert.equal(cpuCost.judge(options, unknown, other).verdict, 'inconclusive');
  assert.equal(judge({ atMost: 3 }, 200, []).verdict, 'inconclusive');
  const plan = {
    variant: 'lasting',
    loads: [],
    faults: [],
    backends: [],
    tiers: [],
    choices: 1,
    hedges: false,
    retries: false,
  };
  assert.match(cpuCost.refusal?.(options, plan) ?? '', /held against itself/);
});

test('outbox-bound: the most bytes kept for one reader, and who had to give way', () => {
  const chat = {
    received: 90,
    delivered: 80,
    dropped: 1_234,
    readersDisconnected: 2,
    outboxMessagesMax: 20,
    outboxBytesMax: 81_920,
    heldBytesMax: 163_840,
    sendersStopped: 3,
    sendersStoppedMs: 1_500,
  };
  const judge = (options: { atMost?: number; atLeast?: number }, more: object = { chat }) =>
    outboxBound.judge({ phase: 'storm', ...options }, storm(more));
  assert.deepEqual(
    [judge({ atMost: 81_920 }).verdict, judge({ atMost: 1 }).verdict],
    ['pass', 'fail'],
  );
  assert.equal(judge({ atLeast: 81_921 }).verdict, 'fail');
  assert.equal(judge({ atMost: 81_920 }).expected, '<= 80 KiB');
  assert.match(
    judge({ atMost: 81_920 }).why,
    /up to 20 messages for one reader and 160 KiB for all together; 1,234 messages were dropped, 2 readers were sent away, senders waited 3 times, 1\.5 s$/,
  );
  assert.equal(judge({ atMost: 1 }, {}).verdict, 'inconclusive');
});

test('success-rate: of one load, where several are at work', () => {
  const calls = aCallCount({ offered: 100, completed: 100, byCode: { OK: 99, UNAVAILABLE: 1 } });
  const findings = storm({
    calls: aCallCount({ offered: 200, byCode: { OK: 100 } }),
    loads: [{ name: 'say', calls }],
  });
  const judge = (load?: string) =>
    successRate.judge({ phase: 'storm', load, atLeast: 0.99 }, findings);
  assert.deepEqual([judge('say').verdict, judge('say').value], ['pass', 0.99]);
  assert.match(judge('say').why, /^99 of 100 calls of say due in storm/);
  assert.deepEqual([judge().verdict, judge().value], ['fail', 0.5]);
});
