/** What interceptors counted and did, and what chains of them cost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase, aVariantSummary } from '../../test/support/findings.js';
import { chainCosts, interceptorEvents, interceptorTable } from './terminal-interceptors.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 100 });
const METHOD = '/chat.ChatService/Say';

const rowsOf = (table: string | undefined) =>
  table
    ?.split('\n')
    .filter((line) => /[a-z]/.test(line))
    .map((line) => line.trim().split(/\s{2,}/));

test('what interceptors did is told apart from what they counted', () => {
  const retry = {
    side: 'client',
    interceptor: 'retry',
    method: METHOD,
    byCode: {},
    events: { 'no retry: budget': 12_345, retry: 7 },
  } as const;
  const metrics = {
    side: 'client',
    interceptor: 'metrics',
    method: METHOD,
    byCode: { OK: 5, INTERNAL: 2 },
  } as const;
  const phases = [
    aPhase('storm', [0, 1_000], {}, { interceptors: [metrics, retry] }),
    aPhase('quiet', [1_000, 2_000], {}, { interceptors: [metrics] }),
  ];
  assert.deepEqual(rowsOf(interceptorEvents(style, phases)), [
    ['phase', 'interceptor', 'method', 'what it did', 'times'],
    ['storm', 'client retry', 'Say', 'no retry: budget', '12,345'],
    ['client retry', 'Say', 'retry', '7'],
  ]);
  assert.deepEqual(
    rowsOf(interceptorTable(style, phases))
      ?.slice(1)
      .map((row) => row.slice(0, 5)),
    [
      ['storm', 'client metrics', 'Say', '7', '2'],
      ['quiet', 'client metrics', 'Say', '7', '2'],
    ],
  );
  assert.equal(interceptorEvents(style, phases.slice(1)), undefined);
});

const chained = (count: number, more: object = {}) =>
  aVariantSummary({
    name: `chain-${count}`,
    chains: { client: Array.from({ length: count }, () => 'metrics'), server: ['metrics'] },
    phases: [
      aPhase(
        'steady',
        [0, 1_000],
        { offered: 10 },
        { cpu: { clientUsPerCall: 100 + count, serverUsPerAttempt: 50 } },
      ),
    ],
    ...more,
  });

test('what chains cost, where there are lengths to compare', () => {
  const three = [0, 1, 4].map((count) => chained(count));
  assert.deepEqual(rowsOf(chainCosts(style, three))?.slice(1), [
    ['phase', 'variant', 'client', 'server', 'client', 'server', 'service time'],
    ['interceptors', 'interceptors', 'CPU a call', 'CPU a call', 'p50'],
    ['steady', 'chain-0', '0', '1', '100 µs', '50 µs', '–'],
    ['steady', 'chain-1', '1', '1', '101 µs', '50 µs', '–'],
    ['steady', 'chain-4', '4', '1', '104 µs', '50 µs', '–'],
  ]);
  // In a closed loop service time is the latency, which stands elsewhere.
  const closed = three.map((one) => ({ ...one, closedLoop: true as const }));
  assert.doesNotMatch(chainCosts(style, closed) ?? '', /service time/);
  const check = { verdict: 'pass', expected: '', unit: '', why: '' } as const;
  const judged = chained(1, { checks: [{ ...check, name: 'steady/cpu-cost against chain-0' }] });
  assert.match(chainCosts(style, [chained(0), judged]) ?? '', /chain-1/);
  // A policy here and none there is about the policy.
  assert.equal(chainCosts(style, [chained(0), chained(1), chained(1)]), undefined);
  assert.equal(chainCosts(style, [judged, judged]), undefined);
});
