import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  actsOn,
  effectUnit,
  hitFingerprint,
  hits,
  hitsConnection,
  isActive,
  looksAt,
  momentOf,
} from './decide.js';
import type { CallView, FaultWindow } from './fault.js';

const CALLS = 100_000;

function window(changes: Partial<FaultWindow> = {}): FaultWindow {
  return {
    id: 'storm/rpc-abort',
    kind: 'rpc-abort',
    phase: 'storm',
    fromNs: 1e9,
    toNs: 2e9,
    options: {},
    ...changes,
  };
}

function view(ordinal: number, previousAttempts = 0): CallView {
  return { method: '/chat.ChatService/Say', ordinal, previousAttempts };
}

/** How many of the calls both predicates say yes to. */
function count(predicate: (ordinal: number) => boolean): number {
  let yes = 0;
  for (let ordinal = 0; ordinal < CALLS; ordinal++) if (predicate(ordinal)) yes++;
  return yes;
}

/** A binomial count of n trials lies within 4 sigma of its mean but once in 16,000 seeds. */
function assertBinomial(yes: number, share: number): void {
  const sigma = Math.sqrt(CALLS * share * (1 - share));
  assert.ok(
    Math.abs(yes - CALLS * share) <= 4 * sigma,
    `${yes} of ${CALLS} at a share of ${share}`,
  );
}

for (const share of [0.001, 0.01, 0.25, 0.5, 0.9]) {
  test(`a share of ${share} hits that share of the calls`, () => {
    for (const seed of [0, 1, 7, 2 ** 40]) {
      assertBinomial(
        count((ordinal) => hits(window({ share }), view(ordinal), seed)),
        share,
      );
    }
  });
}

test('no share hits every call, 0% hits none', () => {
  assert.equal(
    count((ordinal) => hits(window(), view(ordinal), 3)),
    CALLS,
  );
  assert.equal(
    count((ordinal) => hits(window({ share: 1 }), view(ordinal), 3)),
    CALLS,
  );
  assert.equal(
    count((ordinal) => hits(window({ share: 0 }), view(ordinal), 3)),
    0,
  );
});

test('two faults, two attempts, two methods and two seeds are independent draws', () => {
  const share = 0.5;
  const first = (ordinal: number) => hits(window({ share }), view(ordinal), 7);
  const others: Record<string, (ordinal: number) => boolean> = {
    fault: (ordinal) => hits(window({ share, id: 'storm/rpc-abort#2' }), view(ordinal), 7),
    attempt: (ordinal) => hits(window({ share }), view(ordinal, 1), 7),
    method: (ordinal) => hits(window({ share }), { ...view(ordinal), method: '/a.B/C' }, 7),
    seed: (ordinal) => hits(window({ share }), view(ordinal), 8),
    'drawn option': (ordinal) => effectUnit(window({ share }), view(ordinal), 7) < share,
    'next call': (ordinal) => hits(window({ share }), view(ordinal + 1), 7),
  };
  for (const [name, other] of Object.entries(others)) {
    // Independent: both say yes for share * share of the calls.
    const both = count((ordinal) => first(ordinal) && other(ordinal));
    assertBinomial(both, share * share);
    assertBinomial(count(other), share);
    assert.ok(
      count((ordinal) => first(ordinal) !== other(ordinal)) > 0,
      `another ${name} decides alike`,
    );
  }
});

test('a share hits that share of the connections, and others than of the calls', () => {
  const some = window({ share: 0.5 });
  const both = count((n) => hitsConnection(some, n, 7) && hits(some, view(n), 7));
  assertBinomial(
    count((n) => hitsConnection(some, n, 7)),
    0.5,
  );
  assertBinomial(both, 0.25);
});

test('the answers are those of any other process: these were written down once', () => {
  const hit = Array.from({ length: 20 }, (_, ordinal) => ordinal).filter((ordinal) =>
    hits(window({ share: 0.3 }), view(ordinal), 7),
  );
  assert.deepEqual(hit, EXPECTED_HITS);
  assert.equal(hitFingerprint(window(), view(5)), EXPECTED_FINGERPRINT);
});

test('a fault is active from its start up to and without its end', () => {
  const storm = window();
  const active = [1e9 - 1, 1e9, 2e9 - 1, 2e9].map((atNs) => isActive(storm, atNs));
  assert.deepEqual(active, [false, true, true, false]);
});

test('a first attempt meets the faults of its due time, others those of their arrival', () => {
  assert.equal(momentOf(0, 5, 9), 5);
  assert.equal(momentOf(1, 5, 9), 9);
  assert.equal(momentOf(0, undefined, 9), 9);
});

test('methods and backends restrict a fault, and nothing does when they are absent', () => {
  const only = window({ methods: ['chat.ChatService/Say'], backends: ['b1'] });
  assert.equal(looksAt(only, '/chat.ChatService/Say'), true);
  assert.equal(looksAt(only, '/chat.ChatService/SayAll'), false);
  assert.equal(looksAt(window(), '/chat.ChatService/SayAll'), true);
  assert.equal(actsOn(only, 'b1'), true);
  assert.equal(actsOn(only, 'b0'), false);
  assert.equal(actsOn(window(), 'b0'), true);
});

const EXPECTED_HITS = [0, 4, 6, 9, 10, 11, 16, 18];
const EXPECTED_FINGERPRINT = 983737912;

test('attempts that other attempts of the tiers before led to are draws of their own', () => {
  const share = 0.5;
  const way = (ordinal: number, upstream: number) => ({ ...view(ordinal), upstream });
  const isHit = (call: CallView) => hits(window({ share }), call, 7);
  const differing = count((ordinal) => isHit(way(ordinal, 0)) !== isHit(view(ordinal)));
  assert.equal(differing, 0, 'where all were first ones it is as without tiers');
  for (const [one, other] of [
    [0, 1],
    [1, 100],
    [2, 200],
  ] as const) {
    const both = count((ordinal) => isHit(way(ordinal, one)) && isHit(way(ordinal, other)));
    assertBinomial(both, share ** 2);
  }
});
