/** The line of calls that wait: order, counts, and what is held when most of them end in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWitness } from '../../../test/support/call-witness.js';
import { clientSchema } from '../client-schema.js';
import { messageFormat } from './message-format.js';
import { WaitingCalls } from './waiting-calls.js';
import { WireCall } from './wire-call.js';

const REQUEST = {
  head: {
    path: '/a/b',
    metadata: {},
    timeoutNs: undefined,
    isNumbered: true,
    format: messageFormat(clientSchema.parse({ driver: 'wire' })),
  },
  recurs: true,
};

const callOf = (ordinal: number) => new WireCall(createWitness(ordinal).ticket, REQUEST);

test('the oldest that still waits is first; those that ended are passed over', () => {
  const total = { now: 0 };
  const line = new WaitingCalls(total);
  const calls = Array.from({ length: 5 }, (_, ordinal) => callOf(ordinal));
  for (const call of calls) line.push(call);
  calls[0]?.cancel();
  calls[2]?.expire();
  assert.equal(line.count, 3);
  const order: number[] = [];
  for (let call = line.first(); call !== undefined; call = line.first()) {
    order.push(call.ticket.ordinal);
    line.left(call);
  }
  assert.deepEqual(order, [1, 3, 4]);
  assert.deepEqual([line.count, line.places, total.now], [0, 0, 0]);
});

test('calls that end behind one that stays are not kept', () => {
  const line = new WaitingCalls({ now: 0 });
  line.push(callOf(0));
  for (let ordinal = 1; ordinal <= 20_000; ordinal++) {
    const call = callOf(ordinal);
    line.push(call);
    call.expire();
  }
  assert.equal(line.count, 1);
  assert.ok(line.places <= 512, `${line.places} places for one call`);
});

test('all are taken in their order, and wait no longer', () => {
  const total = { now: 0 };
  const line = new WaitingCalls(total);
  for (let ordinal = 0; ordinal < 600; ordinal++) line.push(callOf(ordinal));
  const taken = line.takeAll();
  assert.deepEqual(
    taken.map(({ ticket }) => ticket.ordinal),
    Array.from({ length: 600 }, (_, ordinal) => ordinal),
  );
  assert.deepEqual([line.count, line.first(), total.now], [0, undefined, 0]);
});
