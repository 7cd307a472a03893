/**
 * The boundary of stability: calls that are late are tried again, n attempts in all, and servers finish
 * what nobody waits for. While λ·n < C whatever piled up is worked off. From λ = C/n on a service that is
 * well can be pushed into a state from which it does not come back: each call is late, so each makes n
 * attempts, which is more than the servers can do, so each call is late.
 *
 * Attempts time out in a front tier, which gives the next one so long and no more; its client retries what
 * it says of that. The trigger is a pause of the servers behind it. The phase that is judged begins long
 * after the trigger, and in it nothing is left to chance: every call is good at its first attempt, or none
 * is at any.
 */
import { NS_PER_MS, NS_PER_SECOND } from '../../src/base/clock.js';
import { retryPolicyOf } from './amplification.js';
import { meanOf } from './interval.js';
import { WHY_NO_RETRIES } from './not-offered.js';
import { runProduct } from './product-run.js';
import { judge, notOffered, type Row } from './row.js';
import { playTimeouts } from './timeout-model.js';
import type { Truth, TruthContext } from './truth.js';

const ATTEMPTS = 3;
const SLOTS = 2;
const SERVICE_MS = 10;
/** What the servers can do, in calls a second. */
const CAPACITY = (SLOTS * 1e3) / SERVICE_MS;
const TIMEOUT_MS = 250;
const BACKOFF_MS = 1;
const TRIGGER = { atSeconds: 1, seconds: 1 };
/** Until below the boundary all is worked off, which a last look at the model makes sure of. */
const WARM_UP_SECONDS = 7;
const SECONDS = 3;

interface Case {
  readonly ratePerSecond: number;
  readonly isTriggered: boolean;
}

const CASES: readonly Case[] = [
  // λ·n = 0.75 C: it comes back.
  { ratePerSecond: 50, isTriggered: true },
  // 1.35 C, and λ less than half of C: nothing happens unless something does.
  { ratePerSecond: 90, isTriggered: false },
  { ratePerSecond: 90, isTriggered: true },
];

const isStuck = ({ ratePerSecond, isTriggered }: Case) =>
  isTriggered && ratePerSecond * ATTEMPTS >= CAPACITY;

async function rowsOf({ driver, seed }: TruthContext, one: Case): Promise<Row[]> {
  const { ratePerSecond, isTriggered } = one;
  const { phase, plan, invalid } = await runProduct({
    driver,
    seed,
    seconds: SECONDS,
    warmUpSeconds: WARM_UP_SECONDS,
    arrivals: { poisson: `${ratePerSecond}/s` },
    targets: { server: 'wire', next: { tier: 'back', deadline: `${TIMEOUT_MS}ms` } },
    tiers: {
      back: {
        server: 'wire',
        capacity: {
          slots: SLOTS,
          queue: 1_000_000,
          serviceTime: { exponential: `${SERVICE_MS}ms` },
        },
      },
    },
    client: { retryPolicy: retryPolicyOf(ATTEMPTS, ['DEADLINE_EXCEEDED']) },
    warmUpFaults: isTriggered
      ? [
          {
            'proc-pause': {
              tiers: ['back'],
              at: `${TRIGGER.atSeconds}s`,
              for: `${TRIGGER.seconds}s`,
            },
          },
        ]
      : [],
  });
  const [load] = plan.loads;
  if (load === undefined) throw new Error('a plan has at least one load');
  const fromNs = TRIGGER.atSeconds * NS_PER_SECOND;
  const played = playTimeouts(
    {
      seed,
      name: load.name,
      arrivals: load.arrivals,
      serviceTime: { kind: 'exponential', meanNs: SERVICE_MS * NS_PER_MS },
      durationNs: plan.durationNs,
    },
    {
      slots: SLOTS,
      timeoutNs: TIMEOUT_MS * NS_PER_MS,
      attempts: ATTEMPTS,
      backoffNs: BACKOFF_MS * NS_PER_MS,
      ...(isTriggered ? { pause: { fromNs, toNs: fromNs + TRIGGER.seconds * NS_PER_SECOND } } : {}),
    },
  );
  const from = played.dueNs.findIndex((dueNs) => dueNs >= WARM_UP_SECONDS * NS_PER_SECOND);
  const after = isTriggered ? 'after a trigger' : 'no trigger';
  const truth = `load x ${ATTEMPTS} = ${(ratePerSecond * ATTEMPTS) / CAPACITY} of capacity, ${after}`;
  const common = { truth, subject: driver, spread: { standardError: 0 }, invalid } as const;
  return [
    judge({
      ...common,
      figure: 'share in time',
      unit: 'share',
      expected: isStuck(one) ? 0 : 1,
      measured: phase.calls.good / phase.calls.completed,
      model: meanOf(played.good.subarray(from)),
    }),
    judge({
      ...common,
      figure: 'attempts per call',
      unit: 'ratio',
      expected: isStuck(one) ? ATTEMPTS : 1,
      measured: phase.attempts.amplification ?? Number.NaN,
      model: meanOf(played.attempts.subarray(from)),
    }),
  ];
}

export const stability: Truth = {
  name: 'stability',
  summary:
    'Late calls tried again: below load x attempts = capacity a trigger passes, above it sticks',
  async rows(context) {
    if (context.driver === 'wire') {
      return [notOffered('stability boundary', 'wire', WHY_NO_RETRIES)];
    }
    const rows: Row[] = [];
    for (const one of CASES) rows.push(...(await rowsOf(context, one)));
    return rows;
  },
};
