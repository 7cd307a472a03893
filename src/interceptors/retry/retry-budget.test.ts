/** The budgets against the formulas that they are known by. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../../test/support/manual-clock.js';
import { createRng } from '../../base/rng.js';
import { createConcurrencyBudget } from './concurrency-budget.js';
import type { RetryBudget } from './retry-budget.js';
import { createShareBudget, type ShareBudgetOptions } from './share-budget.js';
import { createTokenBudget } from './token-budget.js';

/** @returns retries that were made, of failures at random. */
function retriesOf(budget: RetryBudget, attempts: number, failing: number): number {
  const random = createRng(3, 'failures');
  let retries = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (random() >= failing) budget.attemptSucceeded();
    else {
      budget.attemptFailed();
      if (budget.take()) retries++;
    }
  }
  return retries;
}

test('tokens: of ten, a service that is down is retried four times, and then not at all', () => {
  const budget = createTokenBudget({ maxTokens: 10, tokenRatio: 0.1 });
  assert.equal(retriesOf(budget, 100, 1), 4);
  // From 0 tokens to more than five of them: 51 successes at 0.1 each.
  for (let success = 0; success < 50; success++) budget.attemptSucceeded();
  assert.equal(budget.take(), false);
  for (let success = 0; success < 2; success++) budget.attemptSucceeded();
  assert.equal(budget.take(), true);
});

test('tokens: retries end where more than ratio / (1 + ratio) of the attempts fail', () => {
  const madeAt = (failing: number) =>
    retriesOf(createTokenBudget({ maxTokens: 100, tokenRatio: 0.1 }), 50_000, failing) /
    (50_000 * failing);
  const knee = 0.1 / 1.1;
  assert.ok(madeAt(0.75 * knee) > 0.99, 'below the knee all failures are retried');
  assert.ok(madeAt(1.5 * knee) < 0.15, 'above it next to none');
});

/** Calls at a steady rate that all fail, each asking for retries until none is left. */
function hardDown(options: ShareBudgetOptions, callsPerSecond: number, seconds: number) {
  const clock = createManualClock();
  const budget = createShareBudget(options, clock.now);
  const retriesAtNs: number[] = [];
  const callsAtNs: number[] = [];
  for (let call = 0; call < callsPerSecond * seconds; call++) {
    clock.advanceTo((call * 1e9) / callsPerSecond);
    callsAtNs.push(clock.now());
    budget.callStarted();
    while (budget.take()) retriesAtNs.push(clock.now());
  }
  return { callsAtNs, retriesAtNs };
}

test('share: no window has more retries than the share of its calls and the minimum', () => {
  for (const callsPerSecond of [1, 20, 300]) {
    const options = { share: 0.2, minimumPerSecond: 5, windowNs: 2e9 };
    const { callsAtNs, retriesAtNs } = hardDown(options, callsPerSecond, 12);
    const inWindow = (all: readonly number[], fromNs: number, toNs: number) =>
      all.filter((atNs) => atNs >= fromNs && atNs < toNs).length;
    // The window as it moves: whole slices of a tenth, and the one that goes on.
    for (let fromNs = 0; fromNs < 10e9; fromNs += 0.2e9) {
      const calls = inWindow(callsAtNs, fromNs, fromNs + 2e9);
      const retries = inWindow(retriesAtNs, fromNs, fromNs + 2e9);
      assert.ok(
        retries <= 0.2 * calls + 5 * 2 + 1e-6,
        `${callsPerSecond}/s: ${retries} of ${calls}`,
      );
    }
    const perCall = retriesAtNs.length / callsAtNs.length;
    const expected = 0.2 + 5 / callsPerSecond;
    // The first window's minimum is there from the start.
    const firstWindow = 10 / callsAtNs.length;
    assert.ok(perCall <= expected + firstWindow, `${perCall} retries a call`);
    assert.ok(perCall >= 0.85 * expected, `${perCall} retries a call`);
  }
});

test('share: without a minimum there is nothing before there were calls, and old calls are forgotten', () => {
  const clock = createManualClock();
  const options = { share: 0.5, minimumPerSecond: 0, windowNs: 1e9 };
  const budget = createShareBudget(options, clock.now);
  assert.equal(budget.take(), false);
  for (let call = 0; call < 4; call++) budget.callStarted();
  assert.deepEqual([budget.take(), budget.take(), budget.take()], [true, true, false]);
  clock.advanceTo(0.5e9);
  assert.equal(budget.take(), false);
  budget.callStarted();
  budget.callStarted();
  assert.equal(budget.take(), true);
  clock.advanceTo(60e9);
  assert.equal(budget.take(), false, 'after a pause nothing is left of it');
});

/** Calls one after another that all fail, whose attempts last `lastNs` and are retried at once as long as they may. */
function openRetries(budget: RetryBudget, calls: number, everyNs: number, lastNs: number) {
  const ends: { readonly atNs: number; readonly isRetry: boolean }[] = [];
  let attempts = 0;
  let open = 0;
  let openMax = 0;
  const start = (atNs: number, isRetry: boolean) => {
    attempts++;
    budget.attemptStarted();
    ends.push({ atNs: atNs + lastNs, isRetry });
  };
  const endUntil = (toNs: number) => {
    for (let end = ends[0]; end !== undefined && end.atNs <= toNs; end = ends[0]) {
      ends.shift();
      budget.attemptEnded();
      if (end.isRetry) {
        budget.giveBack();
        open--;
      }
      budget.attemptFailed();
      if (!budget.take()) continue;
      openMax = Math.max(openMax, ++open);
      start(end.atNs, true);
    }
  };
  for (let call = 0; call < calls; call++) {
    endUntil(call * everyNs);
    budget.callStarted();
    start(call * everyNs, false);
  }
  return { perCall: attempts / calls, openMax };
}

test('concurrency: retries are a share of the open attempts, so 1 / (1 − share) attempts a call', () => {
  // 100 first attempts are open, and with 25 retries 125: a fifth of those.
  const budget = createConcurrencyBudget({ share: 0.2, minimum: 3 });
  const { perCall, openMax } = openRetries(budget, 20_000, 1e6, 100e6);
  assert.ok(Math.abs(perCall - 1.25) < 0.02, `${perCall} attempts a call`);
  assert.ok(openMax <= 25, `${openMax} at once`);
});

test('concurrency: a client with few attempts has the minimum, and without one none', () => {
  const few = (minimum: number) =>
    openRetries(createConcurrencyBudget({ share: 0.2, minimum }), 200, 100e6, 100e6);
  assert.equal(few(3).openMax, 3);
  assert.equal(few(0).perCall, 1);
});
