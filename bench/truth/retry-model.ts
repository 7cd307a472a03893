/**
 * What a plan's aborts make of each of its calls, without a run: comes in a plan with an `rpc-abort` of a
 * share of the attempts and a number of attempts, goes out how many of them each call makes and whether
 * it ends well. Which attempts are hit follows from the seed by the product's own function, so there is no
 * luck between this and a run of the plan.
 */
import { NS_PER_SECOND } from '../../src/base/clock.js';
import { SAY_METHOD } from '../../src/calls/chat-codec.js';
import { hits } from '../../src/faults/decide.js';
import type { VariantPlan } from '../../src/scenarios/plan.js';
import { drawCalls } from './drawn-calls.js';
import { loadOf } from './model-figure.js';
import { WARM_UP_SECONDS } from './product-run.js';

/** Calls of the measured phase, in the order in which they are due. */
export interface DrawnAttempts {
  readonly attempts: readonly number[];
  /** 1 for a call that ends well, 0 for one of which every attempt is hit. */
  readonly good: readonly number[];
}

/** @param attemptsMax of each call. */
export function drawAttempts(
  plan: VariantPlan,
  seed: number,
  attemptsMax: number,
  warmUpSeconds = WARM_UP_SECONDS,
): DrawnAttempts {
  const window = plan.faults.find(({ phase }) => phase === 'steady');
  if (window === undefined) throw new Error('the plan has no fault in its measured phase');
  const { dueNs } = drawCalls(loadOf(plan, seed));
  const attempts: number[] = [];
  const good: number[] = [];
  for (const [ordinal, due] of dueNs.entries()) {
    if (due < warmUpSeconds * NS_PER_SECOND) continue;
    let made = 0;
    let isHit = true;
    while (isHit && made < attemptsMax) {
      isHit = hits(window, { method: SAY_METHOD, ordinal, previousAttempts: made }, seed);
      made++;
    }
    attempts.push(made);
    good.push(isHit ? 0 : 1);
  }
  return { attempts, good };
}
