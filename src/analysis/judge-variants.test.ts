/** What checks ask for, from record lines to a verdict: other variants, servers' counts, backends over time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf } from '../../test/support/analysed.js';
import {
  aLoadLine,
  anAttemptCell,
  aTargetLine,
  aVariant,
  aVariantEnd,
  aVariantLine,
  durationsOf,
  okCalls,
  phasesOf,
} from '../../test/support/record-lines.js';
import type { RecordLine } from '../metrics/record.js';
import type { VariantPlan } from '../scenarios/plan.js';
import { checkNames } from './verdicts.js';

const PHASES = phasesOf(['calm', 2], ['bad', 2]);
const variant = (name: string, checks: VariantPlan['checks'] = []) =>
  aVariant(name, { phases: PHASES, checks });

const variantsOf = (plans: readonly VariantPlan[], lines: readonly RecordLine[]) =>
  findingsOf(plans, ...lines).variants;

test('a check is held against a variant that ran after its own', () => {
  const options = {
    of: { phase: 'calm' },
    against: { phase: 'calm', variant: 'slow' },
    metric: 'latency',
    percentile: 50,
    atMost: 0.5,
  };
  const plans = [variant('fast', [{ kind: 'head-of-line', options }]), variant('slow')];
  const calls = (name: string, ms: number) => [
    aVariantLine(name),
    aLoadLine(name, 0, { calls: [okCalls('calm', 400, ms)] }),
    aLoadLine(name, 1, { calls: [okCalls('calm', 400, ms)] }),
  ];
  const fast = calls('fast', 5);
  const [judged] = variantsOf(plans, [...fast, ...calls('slow', 50)]);
  const check = judged?.checks[0];
  assert.equal(check?.name, 'calm/head-of-line');
  assert.equal(check?.verdict, 'pass');
  assert.ok(Math.abs((check?.value ?? 0) - 0.1) < 1e-3, `${check?.value}`);
  // Before the other has run, nothing is decided.
  assert.equal(variantsOf(plans, fast)[0]?.checks[0]?.verdict, 'inconclusive');
});

test('a comparison is not trusted where the other variant’s generator was saturated', () => {
  const options = {
    of: { phase: 'calm' },
    against: { phase: 'calm', variant: 'slow' },
    metric: 'latency',
    percentile: 50,
    atMost: 2,
  };
  const plans = [variant('fast', [{ kind: 'head-of-line', options }]), variant('slow')];
  const cell = okCalls('calm', 400);
  const late = { ...cell, lateness: durationsOf([100, 400]) };
  const [judged] = variantsOf(plans, [
    aVariantLine('fast'),
    aLoadLine('fast', 0, { calls: [cell] }),
    aVariantLine('slow'),
    aLoadLine('slow', 0, { calls: [late] }),
  ]);
  assert.equal(judged?.checks[0]?.verdict, 'inconclusive');
  assert.match(
    judged?.checks[0]?.why ?? '',
    /would be a pass, but the generator was saturated in slow/,
  );
});

test('attempts at a server that says NOT_SERVING go to their phase, backend and name', () => {
  const options = { phase: 'bad', grace: 100e6, service: '', atMost: 5 };
  const plans = [variant('v', [{ kind: 'misroutes', options }])];
  const told = { services: [''], to: 'NOT_SERVING' } as const;
  const [found] = variantsOf(plans, [
    aVariantLine('v'),
    aLoadLine('v', 2, { calls: [okCalls('bad', 10)] }),
    {
      type: 'event',
      variant: 'v',
      atNs: 2.1e9,
      kind: 'health',
      detail: 'b1 says NOT_SERVING',
      subject: 'b1',
      health: told,
    },
    // Two in grace; of the others four on b1 and two on b2. What another name says is not asked for.
    aTargetLine('v', 'b1', 2, { unhealthyArrivals: { '': durationsOf([50, 2], [300, 4]) } }),
    aTargetLine('v', 'b2', 3, {
      unhealthyArrivals: { '': durationsOf([300, 2]), other: durationsOf([300, 9]) },
    }),
    aTargetLine('v', 'b1', 0, { unhealthyArrivals: { '': durationsOf([300, 7]) } }),
    aVariantEnd('v', 4),
  ]);
  const check = found?.checks[0];
  assert.deepEqual([check?.verdict, check?.value], ['fail', 6]);
  assert.match(
    check?.why ?? '',
    /^6 attempts were made to backends \(4 to b1, 2 to b2\) in bad .* after they were .*; b1 was the first, from/,
  );
});

test('connections: the peak is of all servers together in one interval', () => {
  const service = { busyNs: 4e6, servedNs: 3e6, wastedNs: 1e6 };
  const [found] = variantsOf(
    [variant('v')],
    [
      aVariantLine('v'),
      aLoadLine('v', 3, { calls: [okCalls('bad', 10)] }),
      aTargetLine('v', 'b0', 2, { connections: 7, ...service, queueLengthMax: 3 }),
      aTargetLine('v', 'b1', 2, { connections: 5, shed: 2 }),
      aTargetLine('v', 'b1', 3, { connections: 9 }),
      aVariantEnd('v', 4),
    ],
  );
  assert.deepEqual(found?.phases[1]?.server, {
    busyMs: 4,
    servedMs: 3,
    wastedMs: 1,
    shed: 2,
    queueLengthMax: 3,
    connections: 21,
    connectionsPerSecondMax: 12,
    connectionsPeak: { connections: 12, ms: 1000 },
  });
  assert.equal(found?.phases[0]?.server, undefined);
});

test('attempts on each backend over time, by name, idle ones as 0', () => {
  const [found] = variantsOf(
    [variant('v')],
    [
      aVariantLine('v'),
      aLoadLine('v', 0, { attempts: [anAttemptCell('calm', 'b0', { first: 3, retries: 1 })] }),
      aLoadLine('v', 0, { worker: 1, attempts: [anAttemptCell('calm', 'b0', { first: 2 })] }),
      aLoadLine('v', 1, { attempts: [anAttemptCell('calm', 'b2', { hedges: 5 })] }),
    ],
  );
  assert.deepEqual(found?.backendSeries, [
    { fromMs: 0, toMs: 1000, attempts: { b0: 6, b1: 0, b2: 0 } },
    { fromMs: 1000, toMs: 2000, attempts: { b0: 0, b1: 0, b2: 5 } },
  ]);
});

test('checks of one kind and phase that measure different things have different names', () => {
  const versus = (more: object) => ({
    kind: 'versus',
    options: { phase: 'bad', against: 'slow', percentile: 99, ...more },
  });
  const plans = [
    versus({ measure: 'connects' }),
    versus({ measure: 'failures' }),
    versus({ measure: 'latency' }),
    versus({ measure: 'failures' }),
    { kind: 'cpu-cost', options: { phase: 'bad', against: 'slow' } },
    { kind: 'goodput', options: { phase: 'bad' } },
  ];
  assert.deepEqual(checkNames(plans, 'fast'), [
    'bad/versus connects',
    'bad/versus failures',
    'bad/versus p99',
    'bad/versus failures#2',
    'bad/cpu-cost against slow',
    'bad/goodput',
  ]);
});
