import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase } from '../../test/support/findings.js';
import { interceptorEvents, interceptorTable } from './terminal-interceptors.js';
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
