/** Retries that would multiply others: refused, with the place and the reason. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../base/errors.js';
import { loadScenario } from './load-scenario.js';

const SCENARIO = `name: retried
summary: Who retries?
load: [{ call: unary, arrivals: { constant: 10/s } }]
phases: [{ name: steady, for: 1s }]
`;

function mistakesIn(text: string): string[] {
  try {
    loadScenario('retried.yaml', SCENARIO + text);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.split('\n');
  }
  return [];
}

const POLICY =
  'maxAttempts: 4, initialBackoff: 1ms, maxBackoff: 1s, backoffMultiplier: 2, retryableStatusCodes: [UNAVAILABLE]';

test('retry alone is accepted, in a chain of its own, too', () => {
  assert.deepEqual(
    mistakesIn('client: { interceptors: [metrics, { retry: { attempts: 3 } }] }\n'),
    [],
  );
});

test('attempts of attempts are refused where they are written', () => {
  const table: Readonly<Record<string, [text: string, mistake: RegExp]>> = {
    'with a retryPolicy': [
      `client: { retryPolicy: { ${POLICY} }, interceptors: [{ retry: { attempts: 3 } }] }\n`,
      /^retried\.yaml:5:\d+: retry and a retryPolicy: each of the 3 attempts .* up to 4 times \(leave one/,
    ],
    'with a hedgingPolicy': [
      `client: { hedgingPolicy: { maxAttempts: 2 }, interceptors: [{ retry: { attempts: 3 } }] }\n`,
      /^retried\.yaml:5:\d+: retry and a hedgingPolicy: each of the 3 attempts .* up to 2 times/,
    ],
    'with a policy for one method': [
      `client:
  interceptors: [{ retry: { attempts: 3 } }]
  serviceConfig: { methodConfig: [{ name: [{}] }, { name: [{ service: a.B }], retryPolicy: { ${POLICY} } }] }
`,
      /^retried\.yaml:6:\d+: retry and a retryPolicy/,
    ],
    'with another of its kind': [
      `chains: { base: [{ retry: { attempts: 2 } }] }
client: { interceptors: [{ use: base }, { retry: { attempts: 3 } }] }
`,
      /^retried\.yaml:6:\d+: retry and retry#2 in one chain: their attempts would multiply/,
    ],
    'on a server': [
      'targets: { interceptors: [{ retry: { attempts: 2 } }] }\n',
      /^retried\.yaml:5:\d+: retry cannot be used on the server/,
    ],
  };
  for (const [what, [text, mistake]] of Object.entries(table)) {
    const told = mistakesIn(text);
    assert.equal(told.length, 1, `${what}: ${told.join('; ')}`);
    assert.match(told[0] ?? '', mistake, what);
  }
});

test('options that contradict each other', () => {
  const table: [options: string, mistake: RegExp][] = [
    ['attempts: 1', /at least 2 attempts/],
    ['attempts: 2, timeouts: [1s, 2s, 3s]', /more timeouts than attempts/],
    ['attempts: 2, timeouts: []', /timeouts/],
    ['attempts: 2, backoff: { initial: 2s, maximum: 1s }', /maximum is below the initial/],
    ['attempts: 2, backoff: { jitter: some }', /jitter/],
    ['attempts: 2, retryOn: [OK]', /"OK" is not the code of an error/],
    ['attempts: 2, budget: { share: { ofCalls: 20 } }', /a share needs a unit/],
    [
      'attempts: 2, budget: { share: { ofCalls: 20% }, tokens: { maxTokens: 1, tokenRatio: 1 } }',
      /a budget is exactly one of/,
    ],
    ['attempts: 2, budget: { tokens: { maxTokens: 10 } }', /tokenRatio is missing/],
    ['attempts: 2, budgets: {}', /unknown key "budgets" .*did you mean "budget"/],
  ];
  for (const [options, mistake] of table) {
    const told = mistakesIn(`client: { interceptors: [{ retry: { ${options} } }] }\n`);
    assert.match(told.join('\n'), mistake, options);
  }
});
