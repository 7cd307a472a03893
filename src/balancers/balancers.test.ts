/**
 * Balancers on plain data, without a connection: what holds of all of them, and what each one's rule
 * makes of endpoints in a known state, against the shares that arithmetic gives.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { entryOf } from '../base/catalogue.js';
import { createRng } from '../base/rng.js';
import { statusCode } from '../base/status.js';
import type { AnyBalancerKind, Balancer, Endpoint } from './balancer.js';
import { healthOfEnd, healthOfReply } from './health-aware.js';
import { allBalancers, balancers } from './index.js';

interface Place extends Endpoint {
  zone?: string;
  inFlight: number;
}

const place = (inFlight: number, zone = 'a', index = 0): Place => ({
  address: `10.0.0.${index}:1`,
  zone,
  inFlight,
});

/** Endpoints with so many attempts in flight, all ready. */
const places = (...inFlight: readonly number[]) =>
  inFlight.map((count, index) => place(count, 'a', index));

function create(kind: string, options: object = {}, seed = 1, now = () => 0): Balancer {
  const entry = entryOf<AnyBalancerKind>(balancers, kind);
  const context = { random: createRng(seed, kind), now };
  return entry.create(entry.schema.parse(options), context);
}

/** How many of many picks went to each of `all`, as shares. */
function shares(balancer: Balancer, all: readonly Place[], ready = all, picks = 40_000): number[] {
  const counts = new Map<Place, number>(all.map((one) => [one, 0]));
  const endpoints = { ready, all };
  for (let i = 0; i < picks; i++) {
    const picked = balancer.pick(endpoints);
    counts.set(picked, (counts.get(picked) ?? 0) + 1);
  }
  return all.map((one) => (counts.get(one) ?? 0) / picks);
}

/** Within five standard errors of a share of 40,000 draws. */
function assertShares(got: readonly number[], expected: readonly number[]): void {
  got.forEach((share, index) => {
    const wanted = expected[index] ?? Number.NaN;
    const off = Math.abs(share - wanted);
    const limit = 5 * Math.sqrt((wanted * (1 - wanted)) / 40_000);
    assert.ok(off <= limit, `${got.join(' ')} is not ${expected.join(' ')}`);
  });
}

const OPTIONS: Readonly<Record<string, object>> = {
  'zone-aware': { zone: 'a', child: 'p2c' },
  'slow-start': { window: '1s', child: 'p2c' },
};

describe('all of them', () => {
  const population = fc.array(
    fc.record({
      inFlight: fc.nat(20),
      zone: fc.constantFrom('a', 'b'),
      isReady: fc.boolean(),
      tookNs: fc.integer({ min: 1, max: 1e9 }),
    }),
    { minLength: 1, maxLength: 8 },
  );

  for (const kind of Object.keys(balancers)) {
    test(`${kind} picks what is ready, and nothing else`, () => {
      fc.assert(
        fc.property(population, fc.nat(), (drawn, seed) => {
          const all = drawn.map(({ inFlight, zone }, index) => place(inFlight, zone, index));
          const ready = all.filter((_, index) => drawn[index]?.isReady);
          if (ready.length === 0) return;
          const balancer = create(kind, OPTIONS[kind], seed);
          all.forEach((one, index) => {
            balancer.ended?.(one, drawn[index]?.tookNs ?? 1, index);
          });
          for (let i = 0; i < 10; i++) {
            assert.ok(ready.includes(balancer.pick({ ready, all })));
          }
        }),
        { numRuns: 200 },
      );
    });

    test(`${kind}: the same picks from the same seed, others from another`, () => {
      const all = [place(1, 'a', 0), place(1, 'a', 1), place(1, 'b', 2), place(1, 'a', 3)];
      const course = (seed: number) => {
        const balancer = create(kind, OPTIONS[kind], seed);
        return Array.from({ length: 64 }, () => balancer.pick({ ready: all, all }).address);
      };
      assert.deepEqual(course(7), course(7));
      assert.notDeepEqual(course(7), course(8));
    });
  }

  test('each says what it is for, and those that count attempts say so', () => {
    for (const entry of Object.values(allBalancers)) assert.ok(entry.summary.length > 20);
    const sees = (kind: string, options: object) => {
      const entry = entryOf<AnyBalancerKind>(balancers, kind);
      return entry.sees(entry.schema.parse(options));
    };
    assert.deepEqual(sees('random', {}), []);
    assert.deepEqual(sees('zone-aware', { zone: 'a', child: 'peak_ewma' }), [
      'zone',
      'in-flight',
      'latency',
    ]);
  });
});

test('random does not look', () => {
  assertShares(shares(create('random'), places(0, 9, 3, 1)), [0.25, 0.25, 0.25, 0.25]);
});

describe('least_request', () => {
  // Drawn with replacement: the k-th of n, from the busiest, is picked with (k^d − (k−1)^d) / n^d.
  test('two choices when nothing is said', () => {
    const all = places(0, 1, 2, 3);
    assertShares(shares(create('least_request'), all), [7 / 16, 5 / 16, 3 / 16, 1 / 16]);
  });

  test('as many choices as it is told', () => {
    const all = places(0, 1, 2);
    const four = create('least_request', { choiceCount: 4 });
    assertShares(shares(four, all), [65 / 81, 15 / 81, 1 / 81]);
  });

  test('refuses what would be no choice, and what gRFC A48 cuts down', () => {
    const { schema } = balancers.least_request;
    for (const choiceCount of [1, 11, 2.5, '2']) {
      assert.equal(schema.safeParse({ choiceCount }).success, false, String(choiceCount));
    }
    assert.equal(schema.safeParse({ choice_count: 2 }).success, false);
  });
});

describe('p2c', () => {
  // Without replacement: of n(n−1)/2 pairs the k-th busiest wins the k − 1 with those busier than it.
  test('never the busiest, and the others by how many are busier', () => {
    assertShares(shares(create('p2c'), places(0, 1, 2, 3)), [3 / 6, 2 / 6, 1 / 6, 0]);
  });

  test('of equals all are as likely; one alone takes everything', () => {
    assertShares(shares(create('p2c'), places(2, 2, 2)), [1 / 3, 1 / 3, 1 / 3]);
    assert.deepEqual(shares(create('p2c'), places(5), undefined, 10), [1]);
  });
});

describe('peak_ewma', () => {
  const MS = 1e6;
  /** With two endpoints the cheaper one takes everything. */
  const cheaperOf = (balancer: Balancer, all: readonly Place[]) =>
    all.indexOf(balancer.pick({ ready: all, all }) as Place);

  test('a peak counts at once, and is forgotten with the decay', () => {
    const balancer = create('peak_ewma', { decay: '1s' });
    const all = places(0, 0) as [Place, Place];
    balancer.ended?.(all[0], 10 * MS, 0);
    balancer.ended?.(all[1], 20 * MS, 0);
    assert.equal(cheaperOf(balancer, all), 0);
    balancer.ended?.(all[0], 500 * MS, 0);
    assert.equal(cheaperOf(balancer, all), 1, 'one slow answer');
    // 10 + 490·e^(−t) falls to 20 at t = ln 49 ≈ 3.89 s.
    balancer.ended?.(all[0], 10 * MS, 3.8e9);
    assert.equal(cheaperOf(balancer, all), 1, 'too early');
    const again = create('peak_ewma', { decay: '1s' });
    again.ended?.(all[0], 500 * MS, 0);
    again.ended?.(all[1], 20 * MS, 0);
    again.ended?.(all[0], 10 * MS, 4e9);
    assert.equal(cheaperOf(again, all), 0, 'late enough');
  });

  test('what is in flight multiplies what an endpoint costs', () => {
    const balancer = create('peak_ewma');
    const all = places(0, 3) as [Place, Place];
    balancer.ended?.(all[0], 30 * MS, 0);
    balancer.ended?.(all[1], 10 * MS, 0);
    assert.equal(cheaperOf(balancer, all), 0, '30 against 40 ms');
    all[0].inFlight = 1;
    assert.equal(cheaperOf(balancer, all), 1, '60 against 40 ms');
  });

  test('an endpoint without an answer is tried once, and then waited for', () => {
    const balancer = create('peak_ewma');
    const all = places(5, 0) as [Place, Place];
    balancer.ended?.(all[0], 1 * MS, 0);
    assert.equal(cheaperOf(balancer, all), 1);
    all[1].inFlight = 1;
    assert.equal(cheaperOf(balancer, all), 0);
  });
});

describe('zone-aware', () => {
  const all = [place(0, 'a', 0), place(0, 'a', 1), place(0, 'b', 2), place(0, 'b', 3)];
  const without = (...gone: readonly number[]) => all.filter((_, index) => !gone.includes(index));
  const inZoneA = { zone: 'a', atLeast: '80%' };

  test('stays in its own zone while enough of it is ready', () => {
    assertShares(shares(create('zone-aware', inZoneA), all), [0.5, 0.5, 0, 0]);
    const halfIsEnough = create('zone-aware', { zone: 'a', atLeast: '50%' });
    assertShares(shares(halfIsEnough, all, without(0)), [0, 1, 0, 0]);
  });

  test('spills over by as much as is lacking', () => {
    // Half of the zone where 80 % are needed: 0.5 / 0.8 stay.
    const spilling = create('zone-aware', inZoneA);
    assertShares(shares(spilling, all, without(0)), [0, 0.625, 0.1875, 0.1875]);
  });

  test('goes wherever anything is ready', () => {
    const balancer = create('zone-aware', inZoneA);
    assertShares(shares(balancer, all, without(0, 1)), [0, 0, 0.5, 0.5]);
    assertShares(shares(balancer, all, without(0, 2, 3)), [0, 1, 0, 0]);
  });

  test('another balancer picks within it', () => {
    const busy = [place(9, 'a', 0), place(1, 'a', 1), place(0, 'b', 2)];
    const balancer = create('zone-aware', { zone: 'a', child: 'p2c' });
    assertShares(shares(balancer, busy), [0, 1, 0]);
  });
});

describe('slow-start', () => {
  const SECOND = 1e9;
  const all = places(0, 0, 0, 0);
  const three = all.slice(0, 3);

  /** A channel of three for as long as it likes, and a fourth that is ready from 100 s on. */
  function joined(options: object) {
    let nowNs = 0;
    const balancer = create('slow-start', options, 1, () => nowNs);
    const at = (seconds: number) => {
      nowNs = seconds * SECOND;
      return balancer;
    };
    at(0).pick({ ready: three, all });
    at(100).pick({ ready: all, all });
    return at;
  }

  // The new one takes a share w of the quarter that is drawn for it; the others share what it leaves.
  const quarterTimes = (w: number) => {
    const others = (1 - w / 4) / 3;
    return [others, others, others, w / 4];
  };

  test('what is new gets a tenth of its part, then ever more, then all of it', () => {
    const at = joined({ window: '10s' });
    assertShares(shares(at(100), all), quarterTimes(0.1));
    assertShares(shares(at(100.9), all), quarterTimes(0.1));
    assertShares(shares(at(105), all), quarterTimes(0.5));
    assertShares(shares(at(109), all), quarterTimes(0.9));
    assertShares(shares(at(110), all), quarterTimes(1));
  });

  test('as much at first as it is told', () => {
    assertShares(shares(joined({ window: '10s', from: '40%' })(100), all), quarterTimes(0.4));
  });

  test('where all are new, none is spared', () => {
    const atRandom = create('slow-start', { window: '10s' });
    assertShares(shares(atRandom, all), [0.25, 0.25, 0.25, 0.25]);
    const byTwo = create('slow-start', { window: '10s', child: 'p2c' });
    assertShares(shares(byTwo, places(0, 1, 2)), [2 / 3, 1 / 3, 0]);
  });

  test('one that has been away is new again, and one that stayed is not', () => {
    const at = joined({ window: '10s' });
    at(200).pick({ ready: three, all });
    at(201).pick({ ready: all, all });
    assertShares(shares(at(206), all), quarterTimes(0.5));
    at(207).pick({ ready: [...all], all });
    assertShares(shares(at(211), all), quarterTimes(1));
  });

  test('another balancer picks, and picks again among the others', () => {
    const busy = [place(1, 'a', 0), place(2, 'a', 1), place(0, 'a', 2)];
    let nowNs = 0;
    const balancer = create('slow-start', { window: '10s', child: 'p2c' }, 1, () => nowNs);
    balancer.pick({ ready: busy.slice(0, 2), all: busy });
    nowNs = 100 * SECOND;
    // Of three pairs p2c gives two to the idle one and one to the first; of those two a tenth stays.
    assertShares(shares(balancer, busy), [1 / 3 + (2 / 3) * 0.9, 0, (2 / 3) * 0.1]);
  });

  test('alone it takes everything, new or not', () => {
    const at = joined({ window: '10s' });
    const [, , , fresh] = all;
    assert.equal(at(101).pick({ ready: all.slice(3), all }), fresh);
  });

  test('a window of nothing and a start from nothing are refused', () => {
    const { schema } = balancers['slow-start'];
    assert.ok(schema.safeParse({ window: '5s' }).success);
    for (const options of [{}, { window: '0s' }, { window: '5s', from: '0%' }]) {
      assert.equal(schema.safeParse(options).success, false, JSON.stringify(options));
    }
  });
});

test('health-aware: SERVING alone is healthy, and a server without health checking', () => {
  assert.equal(healthOfReply('SERVING'), 'healthy');
  for (const status of ['UNKNOWN', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const) {
    assert.equal(healthOfReply(status), 'unhealthy');
  }
  const unimplemented = { health: 'healthy', isTriedAgain: false };
  assert.deepEqual(healthOfEnd(statusCode('UNIMPLEMENTED')), unimplemented);
  for (const name of ['OK', 'UNAVAILABLE', 'INTERNAL', 'UNAUTHENTICATED'] as const) {
    assert.deepEqual(healthOfEnd(statusCode(name)), { health: 'unhealthy', isTriedAgain: true });
  }
});
