/** Picks and what a balancer remembers, with numbers alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../test/support/manual-clock.js';
import { Balancer } from './balancer.js';
import type { Candidate } from './pick.js';
import { pickLeastRequest } from './pick-least-request.js';
import { pickRoundRobin } from './pick-round-robin.js';

const candidate = (activeCalls = 0, isOut = false): Candidate => ({ activeCalls, isOut });
const places = ['b0', 'b1', 'b2'].map((name) => ({ name, address: { host: name, port: 1 } }));

test('round_robin goes through all, and shares what a dead one leaves evenly', () => {
  const all = [candidate(), candidate(), candidate()];
  const turns = [0, 1, 2, 3, 4, 5];
  assert.deepEqual(
    turns.map((turn) => pickRoundRobin(all, turn)),
    [0, 1, 2, 0, 1, 2],
  );
  const two = [candidate(), candidate(0, true), candidate()];
  assert.deepEqual(
    turns.map((turn) => pickRoundRobin(two, turn)),
    [0, 2, 0, 2, 0, 2],
  );
  assert.equal(pickRoundRobin([candidate(0, true)], 0), -1);
});

test('least_request goes where the fewest calls are, through equals in turn', () => {
  assert.equal(pickLeastRequest([candidate(3), candidate(1), candidate(2)], 7), 1);
  assert.equal(pickLeastRequest([candidate(3), candidate(1, true), candidate(2)], 7), 2);
  const equal = [candidate(1), candidate(1), candidate(1)];
  assert.deepEqual(
    [0, 1, 2, 3].map((turn) => pickLeastRequest(equal, turn)),
    [0, 1, 2, 0],
  );
  assert.equal(pickLeastRequest([candidate(0, true), candidate(0, true)], 1), -1);
});

test('a backend that fails is left alone for a second, and its reason is kept', () => {
  const clock = createManualClock();
  const balancer = new Balancer(places, 'round_robin', clock.now);
  const picked = (count: number) =>
    Array.from({ length: count }, () => balancer.pick()?.name ?? 'none');
  assert.deepEqual(picked(3), ['b0', 'b1', 'b2']);
  const [b0, b1, b2] = balancer.upstreams;
  assert.ok(b0 && b1 && b2);
  balancer.failed(b1, 'refused');
  assert.ok(!picked(6).includes('b1'));
  clock.advanceTo(999e6);
  assert.ok(!picked(6).includes('b1'));
  clock.advanceTo(1_000e6);
  assert.equal(picked(6).filter((name) => name === 'b1').length, 2);
  for (const upstream of [b0, b1, b2]) balancer.failed(upstream, `${upstream.name} is down`);
  assert.equal(balancer.pick(), undefined);
  assert.equal(balancer.whyNone(), 'b0: b0 is down; b1: b1 is down; b2: b2 is down');
});
