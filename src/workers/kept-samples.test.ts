/** Which single calls of an interval are kept, and what is written down of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusCode } from '../base/status.js';
import { CallSample } from '../calls/call-sample.js';
import { type CallOwner, CallTicket } from '../calls/ticket.js';
import { KeptSamples } from './kept-samples.js';

const OK = statusCode('OK');
const owner = {} as CallOwner;

function ticketOf(ordinal: number, sample?: CallSample): CallTicket {
  const ticket = new CallTicket(owner, ordinal, 1_000_000, 0);
  ticket.sentNs = 1_500_000;
  ticket.sample = sample;
  return ticket;
}

/** As a load does it. */
function offer(kept: KeptSamples, ticket: CallTicket, code: number | undefined, endNs: number) {
  if (kept.wants(ticket, endNs)) kept.keep(ticket, code, endNs);
}

const ends = (kept: KeptSamples) => kept.take().map(({ call, by, endUs }) => [call, by, endUs]);

test('the three slowest of an interval, the slowest first, whatever their order', () => {
  const kept = new KeptSamples('say', ['steady']);
  for (const [ordinal, tookUs] of [10, 70, 30, 90, 20, 80].entries()) {
    offer(kept, ticketOf(ordinal), OK, 1_000_000 + tookUs * 1e3);
  }
  assert.deepEqual(ends(kept), [
    [3, 'time', 90],
    [5, 'time', 80],
    [1, 'time', 70],
  ]);
  offer(kept, ticketOf(9), OK, 1_001_000);
  assert.deepEqual(ends(kept), [[9, 'time', 1]], 'the next interval begins from nothing');
});

test('each phase has its own slowest, whichever went badly in the same interval', () => {
  const kept = new KeptSamples('say', ['steady', 'broken']);
  for (let ordinal = 0; ordinal < 10; ordinal++) {
    const broken = ticketOf(ordinal);
    offer(
      kept,
      new CallTicket(broken.owner, ordinal, broken.dueNs, 1),
      OK,
      1_900_000 + ordinal * 1e3,
    );
  }
  offer(kept, ticketOf(77), OK, 1_001_000);
  const taken = kept.take();
  assert.deepEqual(
    taken.filter(({ phase }) => phase === 'steady').map(({ call }) => call),
    [77],
  );
  assert.deepEqual(
    taken.filter(({ phase }) => phase === 'broken').map(({ call }) => call),
    [9, 8, 7],
  );
});

test('what chance chose is kept besides, and bounded', () => {
  const kept = new KeptSamples('say', ['steady']);
  for (let ordinal = 0; ordinal < 100; ordinal++) {
    offer(kept, ticketOf(ordinal, new CallSample(true)), OK, 1_001_000);
  }
  const taken = kept.take();
  assert.equal(taken.filter(({ by }) => by === 'chance').length, 20);
  assert.ok(taken.length <= 23);
});

test('attempts by their backends and starts; a loser without an end; a call that was cut off', () => {
  const kept = new KeptSamples('say', ['steady']);
  const sample = new CallSample(false);
  sample.started('first', 'a', 1_600_000);
  sample.started('hedge', 'a', 1_800_000);
  sample.started('hedge', 'b', 1_900_000);
  sample.ended('a', 1_801_000, 2_000_000, OK, { details: 'fine', pushback: '20' });
  sample.ended('a', 1_601_000, 2_100_000, statusCode('CANCELLED'), { details: '' });
  sample.gotHeaders(1_950_000);
  offer(kept, ticketOf(4, sample), undefined, 3_000_000);
  assert.deepEqual(kept.take(), [
    {
      ...{ load: 'say', phase: 'steady', call: 4, dueUs: 1_000, by: 'time' },
      ...{ sentUs: 500, headersUs: 950, endUs: 2_000 },
      attempts: [
        { kind: 'first', backend: 'a', startUs: 600, endUs: 1_100, status: 'CANCELLED' },
        {
          ...{ kind: 'hedge', backend: 'a', startUs: 800, endUs: 1_000, status: 'OK' },
          ...{ details: 'fine', pushback: '20' },
        },
        { kind: 'hedge', backend: 'b', startUs: 900 },
      ],
    },
  ]);
});
