/** What is decided of an attempt that ended, as a table; and the parts that decide. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../base/rng.js';
import { backoffNs } from './backoff.js';
import { readPushback } from './pushback.js';
import { NO_BUDGET } from './retry-budget.js';
import { type CallStanding, decideRetry, type RetryPolicy } from './retry-decision.js';
import { type AttemptEnd, compileRules, retryRules } from './retry-rules.js';

const CODE = { ok: 0, deadline: 4, aborted: 10, unavailable: 14 };
const MS = 1e6;
const backoff = { initialNs: 10 * MS, maximumNs: 50 * MS, multiplier: 2, jitter: 'none' as const };

const ended = (code: number, trailers: Readonly<Record<string, string>> = {}): AttemptEnd => ({
  code,
  trailer: (key) => (trailers[key] === undefined ? [] : [trailers[key]]),
});

test('backoff doubles up to its maximum, however many waits there were', () => {
  const waits = [0, 1, 2, 3, 4, 5000].map((before) => backoffNs(backoff, before, Math.random) / MS);
  assert.deepEqual(waits, [10, 20, 40, 50, 50, 50]);
  const nothing = { ...backoff, initialNs: 0, jitter: 'full' as const };
  assert.equal(backoffNs(nothing, 5000, Math.random), 0);
});

test('jitter: full is all of the wait, equal its upper half, and the seed says which', () => {
  const drawn = (jitter: 'full' | 'equal') => {
    const random = createRng(11, 'backoff');
    return Array.from({ length: 2000 }, () => backoffNs({ ...backoff, jitter }, 1, random) / MS);
  };
  for (const [jitter, from] of [
    ['full', 0],
    ['equal', 10],
  ] as const) {
    const waits = drawn(jitter);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    assert.ok(Math.min(...waits) >= from && Math.min(...waits) < from + 0.5, jitter);
    assert.ok(Math.max(...waits) <= 20 && Math.max(...waits) > 19.5, jitter);
    assert.ok(Math.abs(mean - (from + 20) / 2) < 0.5, `${jitter}: ${mean} ms`);
    assert.deepEqual(drawn(jitter), waits);
  }
});

test('pushback: whole milliseconds are a wait, anything else is no retry (gRFC A6)', () => {
  const table: [value: string, read: number | 'never'][] = [
    ['0', 0],
    ['250', 250 * MS],
    ['-1', 'never'],
    ['', 'never'],
    ['soon', 'never'],
    ['10.5', 'never'],
    ['1e3', 'never'],
    ['99999999999', 'never'],
  ];
  for (const [value, read] of table) assert.equal(readPushback([value]), read, `"${value}"`);
  assert.equal(readPushback([]), undefined);
});

test('rules: a code alone, or with trailers, or trailers alone', () => {
  const isRetryable = compileRules(
    retryRules.parse([
      'UNAVAILABLE',
      { code: 'ABORTED', trailers: { 'x-retry': 'yes', zone: 'a' } },
      { trailers: { again: 'please' } },
    ]),
  );
  const table: [end: AttemptEnd, isRetryable: boolean][] = [
    [ended(CODE.unavailable), true],
    [ended(CODE.deadline), false],
    [ended(CODE.aborted), false],
    [ended(CODE.aborted, { 'x-retry': 'yes' }), false],
    [ended(CODE.aborted, { 'x-retry': 'yes', zone: 'a' }), true],
    [ended(CODE.deadline, { again: 'please' }), true],
    [ended(CODE.ok, { again: 'please' }), false],
  ];
  for (const [end, expected] of table) {
    assert.equal(isRetryable(end), expected, JSON.stringify(end));
  }
});

test('rules: what could never be met is refused', () => {
  const table: [rules: unknown, message: RegExp][] = [
    [['OK'], /"OK" is not the code of an error/],
    [['UNAVAILBLE'], /UNAVAILABLE/],
    [[7], /7 is not the code of an error/],
    [[], /at least one code/],
    [[{ code: 'ABORTED' }], /trailers/],
    [[{ trailers: {} }], /at least one key/],
    [[{ trailers: { 'X-Retry': 'yes' } }], /lower case/],
    [[{ trailers: { 'x-bin': 'AA==' } }], /binary/],
  ];
  for (const [rules, message] of table) {
    const parsed = retryRules.safeParse(rules);
    const told = parsed.error?.issues.map((issue) => `${issue.message} ${JSON.stringify(issue)}`);
    assert.match(told?.join() ?? 'accepted', message);
  }
});

/** What became of one decision, and of the budget. */
function decide(
  end: AttemptEnd,
  standing: Partial<CallStanding> = {},
  budgetLeft = 1,
): { told: string; budget: string } {
  const budget: string[] = [];
  const policy: RetryPolicy = {
    attempts: 3,
    isRetryable: compileRules([{ code: 'UNAVAILABLE' }, { code: 'DEADLINE_EXCEEDED' }]),
    backoff,
    random: () => 0.5,
    budget: {
      ...NO_BUDGET,
      attemptSucceeded: () => budget.push('success'),
      attemptFailed: () => budget.push('failure'),
      take() {
        budget.push('take');
        return budgetLeft > 0;
      },
    },
  };
  const call = { made: 1, waits: 0, isCommitted: false, leftNs: 1000 * MS, ...standing };
  const decision = decideRetry(end, call, policy);
  const told =
    decision.next === 'retry'
      ? `retry after ${decision.afterNs / MS} ms${decision.wasTold ? ', as told' : ''}`
      : `end${decision.denied === undefined ? '' : `: ${decision.denied}`}`;
  return { told, budget: budget.join(' ') };
}

test('a decision: what is worth a retry gets one, or the reason why not', () => {
  const pushed = (ms: string) => ended(CODE.unavailable, { 'grpc-retry-pushback-ms': ms });
  type Row = [AttemptEnd, Partial<CallStanding>, budgetLeft: number, told: string, budget: string];
  const table: Row[] = [
    [ended(CODE.ok), {}, 1, 'end', 'success'],
    [ended(CODE.aborted), {}, 1, 'end', ''],
    [ended(CODE.unavailable), {}, 1, 'retry after 10 ms', 'failure take'],
    [ended(CODE.deadline), { waits: 1 }, 1, 'retry after 20 ms', 'failure take'],
    [ended(CODE.unavailable), { isCommitted: true }, 1, 'end: committed', 'failure'],
    [ended(CODE.unavailable), { made: 3 }, 1, 'end: attempts', 'failure'],
    [pushed('70'), { waits: 1 }, 1, 'retry after 70 ms, as told', 'failure take'],
    [pushed('-1'), {}, 1, 'end: pushback', 'failure'],
    [pushed('later'), {}, 1, 'end: pushback', 'failure'],
    // A6: the server's word counts for the throttle whatever the code.
    [ended(CODE.aborted, { 'grpc-retry-pushback-ms': '-1' }), {}, 1, 'end', 'failure'],
    [ended(CODE.unavailable), { leftNs: 11 * MS }, 1, 'end: deadline', 'failure'],
    [ended(CODE.unavailable), { leftNs: 13 * MS }, 1, 'retry after 10 ms', 'failure take'],
    [pushed('999'), {}, 1, 'end: deadline', 'failure'],
    [ended(CODE.unavailable), {}, 0, 'end: budget', 'failure take'],
  ];
  for (const [end, standing, budgetLeft, told, budget] of table) {
    assert.deepEqual(decide(end, standing, budgetLeft), { told, budget });
  }
});
