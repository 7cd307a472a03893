/** A chain's figures: what each tier got for every call, and that clients are compared with the front. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variantOf } from '../../test/support/analysed.js';
import {
  addressOf,
  aLoadLine,
  anAttemptCell,
  aTargetLine,
  aVariant,
  aVariantEnd,
  okCalls,
  phasesOf,
} from '../../test/support/record-lines.js';
import type { RecordLine } from '../metrics/record.js';

const PHASES = phasesOf(['baseline', 1], ['storm', 1]);
const TIERS = [
  { name: 'middle', backends: [{ name: 'middle-0', port: 0 }] },
  {
    name: 'back',
    backends: [
      { name: 'back-0', port: 0 },
      { name: 'back-1', port: 0 },
    ],
  },
];

const chainOf = (lines: readonly RecordLine[], tiers = TIERS) =>
  variantOf(aVariant('v', { phases: PHASES, ...(tiers.length > 0 && { tiers }) }), ...lines);

/** In the storm each of ten calls is made three times, over three hops. */
const LINES: readonly RecordLine[] = [
  aLoadLine('v', 0, {
    calls: [okCalls('baseline', 10)],
    attempts: [anAttemptCell('baseline', 'b0', { first: 10, byCode: { OK: 10 } })],
  }),
  aLoadLine('v', 1, {
    calls: [okCalls('storm', 10)],
    attempts: [
      anAttemptCell('storm', 'b0', { first: 10, retries: 20, byCode: { UNAVAILABLE: 30 } }),
    ],
  }),
  aTargetLine('v', 'b0', 0, { receivedByPreviousAttempts: { 0: 10 }, answeredByCode: { OK: 10 } }),
  aTargetLine('v', 'b0', 1, {
    receivedByPreviousAttempts: { 0: 10, 1: 10, 2: 10 },
    answeredByCode: { UNAVAILABLE: 30 },
    messagesReceived: 4,
  }),
  aTargetLine('v', 'middle-0', 1, {
    receivedByPreviousAttempts: { 0: 30, 1: 30, 2: 30 },
    answeredByCode: { UNAVAILABLE: 80 },
    cancelled: 10,
    wasted: 3,
    outlived: 2,
    busyNs: 9e6,
    servedNs: 8e6,
    wastedNs: 5e6,
    messagesReceived: 4,
  }),
  aTargetLine('v', 'back-0', 1, {
    receivedByPreviousAttempts: { 0: 45, 1: 45, 2: 45 },
    answeredByCode: { UNAVAILABLE: 135 },
  }),
  aTargetLine('v', 'back-1', 1, {
    receivedByPreviousAttempts: { 0: 45, 1: 45, 2: 45 },
    answeredByCode: { UNAVAILABLE: 135 },
    wastedNs: 1e6,
  }),
  aVariantEnd('v', 2),
];

test('attempts of each tier for every call, by hop and altogether', () => {
  for (const lines of [LINES, LINES.toReversed()]) {
    const { phases } = chainOf(lines);
    const nothing = { cancelled: 0, busyServerMs: 0, servedServerMs: 0 };
    const nothingWasted = { ...nothing, wastedServerMs: 0, wastedRequests: 0 };
    assert.deepEqual(phases[1]?.tiers, [
      {
        name: 'front',
        attempts: 30,
        amplification: 3,
        hopAmplification: 3,
        byCode: { UNAVAILABLE: 30 },
        ...nothingWasted,
        outlived: 0,
      },
      {
        name: 'middle',
        attempts: 90,
        amplification: 9,
        hopAmplification: 3,
        byCode: { UNAVAILABLE: 80 },
        cancelled: 10,
        busyServerMs: 9,
        servedServerMs: 8,
        wastedServerMs: 5,
        wastedRequests: 3,
        outlived: 2,
      },
      {
        name: 'back',
        attempts: 270,
        amplification: 27,
        hopAmplification: 3,
        byCode: { UNAVAILABLE: 270 },
        ...nothingWasted,
        wastedServerMs: 1,
      },
    ]);
    const [front, middle, back] = phases[0]?.tiers ?? [];
    assert.deepEqual([front?.amplification, middle?.amplification], [1, 0]);
    assert.ok(back && !('hopAmplification' in back), 'of no attempts there is no ratio');
  }
});

test("clients' attempts are compared with those of the front tier alone", () => {
  const { attempts, phases } = chainOf(LINES);
  assert.deepEqual(attempts, {
    client: 40,
    server: 40,
    serverByPreviousAttempts: { 0: 20, 1: 10, 2: 10 },
    agree: true,
  });
  assert.deepEqual(
    phases[1]?.backends.map(({ name, address }) => [name, address]),
    ['b0', 'b1', 'b2'].map((name) => [name, addressOf(name)]),
  );
  assert.equal(phases[1]?.chat?.received, 4, 'not what was handed on');
});

test('a tier by itself is not listed', () => {
  const { phases } = chainOf(LINES.slice(0, 3), []);
  assert.ok(phases.every((phase) => !('tiers' in phase)));
});
