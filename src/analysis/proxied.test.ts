/** Runs through a proxy, to targets of others, and variants that were skipped: what is made of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf } from '../../test/support/analysed.js';
import {
  addressOf,
  aLoadLine,
  anAttemptCell,
  aTargetLine,
  aVariant,
  aVariantEnd,
  aVariantLine,
  okCalls,
  phasesOf,
  seconds,
} from '../../test/support/record-lines.js';
import { outcomeOf } from '../gates/outcome.js';
import type { ProxyCounts, ProxyLine, RecordLine } from '../metrics/record.js';
import type { VariantPlan } from '../scenarios/plan.js';

const PHASES = phasesOf(['calm', 2], ['storm', 2]);
const END = aVariantEnd('v', 4);
const VIA = '127.0.0.1:40000';

/** Each begins in a way of its own, so that line is among the others. */
const foundOf = (plan: Partial<VariantPlan>, ...lines: readonly RecordLine[]) =>
  findingsOf([aVariant('v', { phases: PHASES, ...plan })], ...lines);

function variantOf(plan: Partial<VariantPlan>, ...lines: readonly RecordLine[]) {
  const [variant = assert.fail()] = foundOf(plan, ...lines).variants;
  return variant;
}

const proxyLine = (index: number, counts: Partial<ProxyCounts>, cpuNs = 0): ProxyLine => ({
  type: 'proxy',
  variant: 'v',
  fromNs: seconds(index),
  toNs: seconds(index + 1),
  cpuNs,
  counts: {
    connectionsAccepted: 0,
    upstreamsLost: 0,
    calls: 0,
    callsLost: 0,
    receivedByPreviousAttempts: {},
    answeredByCode: {},
    resetsByClients: 0,
    resetsByServers: 0,
    heldBytesMax: 0,
    windowStalls: 0,
    faults: {},
    ...counts,
  },
});

const received = (backend: string, index: number, count: number) =>
  aTargetLine('v', backend, index, {
    receivedByPreviousAttempts: { '0': count },
    answeredByCode: { OK: count },
  });

/** The client's view of one that balances: all attempts at one address. */
const atProxy = (phase: string, count: number, index: number) =>
  aLoadLine('v', index, {
    calls: [okCalls(phase, count)],
    attempts: [{ ...anAttemptCell(phase, 'b0', { first: count }), backend: VIA }],
  });

test('behind a proxy that balances, the shares are the word of the servers', () => {
  const { phases, attempts } = variantOf(
    { proxy: { balance: 'round_robin' } },
    { ...aVariantLine('v'), proxy: { address: VIA } },
    atProxy('calm', 8, 0),
    received('b0', 0, 4),
    received('b1', 0, 4),
    received('b2', 0, 0),
    END,
  );
  const [calm = assert.fail()] = phases;
  assert.deepEqual(
    calm.backends.map(({ name, attempts: count, share, countedBy }) => [
      name,
      count,
      share,
      countedBy,
    ]),
    [
      ['b0', 4, 0.5, 'servers'],
      ['b1', 4, 0.5, 'servers'],
      ['b2', 0, 0, 'servers'],
    ],
  );
  // Jain of 4, 4, 0 is 64 ÷ (3 × 32).
  assert.equal(calm.fairness?.jain, 64 / 96);
  assert.equal(calm.attempts.total, 8);
  assert.equal(attempts.agree, true);
});

test('where servers do not count for us, the shares are the word of the proxy', () => {
  const gave = (count: number) => ({ calls: count, answeredByCode: { OK: count } });
  const { phases } = variantOf(
    {
      proxy: { balance: 'round_robin' },
      backends: ['b0', 'b1'].map((name) => ({ name, port: 0, external: `${name}:1` })),
    },
    { ...aVariantLine('v'), proxy: { address: VIA } },
    atProxy('calm', 8, 0),
    proxyLine(0, { calls: 5, backends: { b0: gave(3), b1: gave(2) } }),
    proxyLine(1, { calls: 3, backends: { b0: gave(3), b1: gave(0) } }),
    END,
  );
  const backends = phases[0]?.backends.map(({ name, attempts, byCode, countedBy }) => [
    ...[name, attempts, byCode, countedBy],
  ]);
  assert.deepEqual(backends, [
    ['b0', 6, { OK: 6 }, 'proxy'],
    ['b1', 2, { OK: 2 }, 'proxy'],
  ]);
});

test('with a listener for each, backends keep their names by the addresses that clients know', () => {
  const { backends, ...line } = aVariantLine('v');
  const [first = assert.fail(), ...others] = backends;
  const { phases } = variantOf(
    { proxy: {} },
    { ...line, backends: [{ ...first, via: VIA }, ...others] },
    atProxy('calm', 3, 0),
    END,
  );
  const [b0 = assert.fail()] = phases[0]?.backends ?? [];
  assert.deepEqual([b0.name, b0.address, b0.attempts], ['b0', VIA, 3]);
  assert.equal(phases[0]?.backends.length, 3);
});

test('what a proxy saw is added up by phase, and its faults with the others', () => {
  const id = 'storm/rpc-abort';
  const hit = { seen: 4, hit: 2, hitFirst: 2, hitFirstSum: 5, seenFirst: 4 };
  const fault = { id, kind: 'rpc-abort', phase: 'storm', in: 'proxy', options: {} } as const;
  const { phases, faults, attempts } = variantOf(
    { proxy: {}, faults: [{ ...fault, fromNs: seconds(2), toNs: seconds(4) }] },
    aVariantLine('v'),
    proxyLine(0, { calls: 5, heldBytesMax: 70, receivedByPreviousAttempts: { '0': 5 } }, 1e6),
    proxyLine(1, { calls: 3, heldBytesMax: 20, receivedByPreviousAttempts: { '1': 3 } }, 3e6),
    proxyLine(2, {
      calls: 4,
      resetsByServers: 1,
      healthAnswers: { SERVING: 2 },
      faults: { [id]: hit },
    }),
    proxyLine(3, {
      answeredByCode: { OK: 2 },
      healthAnswers: { SERVING: 1 },
      faults: { [id]: { ...hit, hitFirstSum: 6 } },
    }),
    aLoadLine('v', 0, { calls: [okCalls('calm', 4)] }),
    aLoadLine('v', 2, {
      attempts: [anAttemptCell('storm', 'b0', { first: 8, byCode: { UNAVAILABLE: 8 } })],
    }),
    received('b0', 2, 4),
    END,
  );
  const [calm = assert.fail(), storm = assert.fail()] = phases;
  assert.equal(calm.proxy?.calls, 8);
  assert.equal(calm.proxy?.heldBytesMax, 70);
  assert.deepEqual(calm.proxy?.receivedByPreviousAttempts, { '0': 5, '1': 3 });
  // 4 ms for the 4 calls that ended in those intervals.
  assert.equal(calm.cpu?.proxyMs, 4);
  assert.equal(calm.cpu?.proxyUsPerCall, 1000);
  assert.equal(storm.proxy?.resetsByServers, 1);
  assert.equal(calm.proxy?.healthAnswers, undefined);
  assert.deepEqual(storm.proxy?.healthAnswers, { SERVING: 3 });
  assert.deepEqual(storm.proxy?.byCode, { OK: 2 });
  const [found = assert.fail()] = faults;
  assert.deepEqual([found.in, found.seen, found.hit], ['proxy', 8, 4]);
  assert.equal(found.hitSet, '0000000b');
  assert.match(attempts.why ?? '', /faults in the proxy hit 4 attempts/);
});

test('a fault of connections hit connections, not attempts', () => {
  const id = 'storm/tcp-reset';
  const fault = { id, kind: 'tcp-reset', phase: 'storm', in: 'proxy', options: {} } as const;
  const { attempts } = variantOf(
    { proxy: {}, faults: [{ ...fault, fromNs: seconds(2), toNs: seconds(4) }] },
    aVariantLine('v'),
    proxyLine(2, {
      faults: { [id]: { seen: 4, hit: 2, hitFirst: 0, hitFirstSum: 0, seenFirst: 0 } },
    }),
    aLoadLine('v', 2, {
      attempts: [anAttemptCell('storm', 'b0', { first: 2, byCode: { OK: 1, UNAVAILABLE: 1 } })],
    }),
    received('b0', 2, 1),
    END,
  );
  assert.match(
    attempts.why ?? '',
    /likely because faults in the proxy hit 2 connections and .*, 1 attempt ended UNAVAILABLE, maybe on a lost/,
  );
});

test('targets of others have no server figures: absent, never 0', () => {
  const deadline = { deadlineNs: seconds(1) };
  const [load = assert.fail()] = aVariant('v').loads;
  const { phases, attempts } = variantOf(
    {
      backends: [{ name: 'b0', port: 0, external: addressOf('b0') }],
      loads: [{ ...load, ...deadline }],
    },
    aVariantLine('v'),
    aLoadLine('v', 0, {
      calls: [okCalls('calm', 4)],
      attempts: [anAttemptCell('calm', 'b0', { first: 4 })],
    }),
    END,
  );
  assert.equal('server' in attempts, false);
  assert.equal('agree' in attempts, false);
  assert.equal(attempts.client, 4);
  const [calm = assert.fail()] = phases;
  assert.equal(calm.deadline?.exceeded, 0);
  assert.equal('wastedServerMs' in (calm.deadline ?? {}), false);
  assert.equal(calm.cpu, undefined);
  assert.equal(calm.proxy, undefined);
});

test('a skipped variant says what it lacks and is judged by nobody; all skipped is no pass', () => {
  const skipped = { ...END, complete: false, reason: 'needs nginx', skipped: true } as const;
  const checks = [{ kind: 'success-rate', options: { phase: 'calm', atLeast: 1 } }] as const;
  const findings = foundOf({ checks }, skipped);
  const [variant = assert.fail()] = findings.variants;
  assert.deepEqual([variant.skipped, variant.reason], [true, 'needs nginx']);
  assert.deepEqual(variant.checks, []);
  const judge = (variants: typeof findings.variants) =>
    outcomeOf({ ...findings, variants, gates: [], interrupted: false });
  const all = judge([variant]);
  assert.deepEqual([all.verdict, all.reasons], ['invalid', ['every variant was skipped']]);
  const other = variantOf({}, aVariantLine('v'), END);
  assert.equal(judge([variant, other]).verdict, 'pass');
});
