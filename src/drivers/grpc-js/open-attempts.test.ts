import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOpenAttempts } from './open-attempts.js';

/** With turns that the test ends. */
function counted() {
  const atEnd: (() => void)[] = [];
  const attempts = createOpenAttempts((settle) => void atEnd.push(settle));
  const endTurn = () => {
    for (const settle of atEnd.splice(0)) settle();
  };
  return { attempts, endTurn, endpoint: { inFlight: 0 } };
}

test('picks of one turn see each other, and count until they end', () => {
  const { attempts, endTurn, endpoint } = counted();
  const picked = [attempts.picked(endpoint), attempts.picked(endpoint)];
  assert.equal(endpoint.inFlight, 2);
  for (const { started } of picked) started();
  endTurn();
  assert.equal(endpoint.inFlight, 2);
  for (const { ended } of picked) ended();
  assert.equal(endpoint.inFlight, 0);
});

test('a pick that nothing comes of counts for its turn only', () => {
  const { attempts, endTurn, endpoint } = counted();
  attempts.picked(endpoint);
  const started = attempts.picked(endpoint);
  started.started();
  endTurn();
  assert.equal(endpoint.inFlight, 1);
  endTurn();
  assert.equal(endpoint.inFlight, 1);
});

test('one that starts late counts from then on; an end counts once', () => {
  const { attempts, endTurn, endpoint } = counted();
  const late = attempts.picked(endpoint);
  endTurn();
  assert.equal(endpoint.inFlight, 0);
  late.started();
  assert.equal(endpoint.inFlight, 1);
  late.ended();
  late.ended();
  assert.equal(endpoint.inFlight, 0);
});

test('an attempt that ends within its turn is not counted twice', () => {
  const { attempts, endTurn, endpoint } = counted();
  const short = attempts.picked(endpoint);
  short.started();
  short.ended();
  endTurn();
  assert.equal(endpoint.inFlight, 0);
});
