/** Gates as text: what is understood, and every mistake with its column and what would be right. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateReferences } from './gate.js';
import { parseGate } from './parse-gate.js';

test('what is understood', () => {
  const latency = { metric: 'latency' } as const;
  const cases: readonly (readonly [string, object])[] = [
    [
      'p(99){phase:baseline} < 50ms',
      {
        ...latency,
        measure: { kind: 'percentile', percent: 99 },
        phase: 'baseline',
        comparison: '<',
        threshold: 50,
      },
    ],
    [
      'rate(missed) <= 0.1%',
      { ...latency, measure: { kind: 'rate', of: 'missed' }, comparison: '<=', threshold: 0.001 },
    ],
    [
      'count(errors){variant:retry} == 0',
      {
        ...latency,
        measure: { kind: 'count', of: 'errors' },
        variant: 'retry',
        comparison: '==',
        threshold: 0,
      },
    ],
    [
      '  avg { phase : "the storm" , load:say, metric:serviceTime }>=1m30s ',
      {
        measure: { kind: 'avg' },
        phase: 'the storm',
        load: 'say',
        metric: 'serviceTime',
        comparison: '>=',
        threshold: 90_000,
      },
    ],
    [
      'goodput{phase:recovery} >= 300/s',
      {
        ...latency,
        measure: { kind: 'goodput' },
        phase: 'recovery',
        comparison: '>=',
        threshold: 300,
      },
    ],
    [
      'amplification != 1.5',
      { ...latency, measure: { kind: 'amplification' }, comparison: '!=', threshold: 1.5 },
    ],
    [
      'rate(DEADLINE_EXCEEDED)<1%',
      {
        ...latency,
        measure: { kind: 'rate', of: 'DEADLINE_EXCEEDED' },
        comparison: '<',
        threshold: 0.01,
      },
    ],
  ];
  for (const [text, gate] of cases) assert.deepEqual(parseGate(text), { gate }, text);
});

test('every mistake, with its column and a hint', () => {
  const cases: readonly (readonly [string, readonly (readonly [number, RegExp, RegExp])[]])[] = [
    ['', [[1, /expected a measure, got the end/, /p\(99\)/]]],
    ['p99 < 50ms', [[1, /no measure "p99"/, /"p"/]]],
    ['q(99) < 50ms', [[1, /no measure "q"/, /"p"/]]],
    ['p 99 < 50ms', [[3, /expected "\(" after p, got "99"/, /p\(99\)/]]],
    ['p(101) < 50ms', [[3, /no percentile 101/, /up to 100/]]],
    ['p() < 50ms', [[3, /expected a percentile, got "\)"/, /p\(99\)/]]],
    ['p(99 < 50ms', [[6, /expected "\)", got "<"/, /parenthesis/]]],
    ['p(99) = 50ms', [[7, /expected a comparison, got "="/, /==/]]],
    ['p(99) <', [[8, /expected a threshold, got the end/, /50ms/]]],
    ['p(99) < 50', [[9, /p\(99\) is compared with a duration, got "50"/, /50ms/]]],
    [
      'p(99) < 50 ms',
      [
        [9, /compared with a duration, got "50"/, /50ms/],
        [12, /did not expect "ms"/, /without a space/],
      ],
    ],
    ['rate(errors) < 0.01', [[16, /rate is compared with a share/, /1%/]]],
    ['rate(erors) < 1%', [[6, /no sort of calls "erors"/, /"errors"/]]],
    ['goodput > 95%', [[11, /goodput is compared with a rate, got "95%"/, /300\/s/]]],
    ['count(ok) > -1', [[13, /compared with a number, got "-1"/, /0/]]],
    ['amplification{load:say} < 2', [[15, /over all loads together/, /leave "load" out/]]],
    ['rate(ok){metric:latency} > 1%', [[10, /rate has no metric/, /goes with p/]]],
    ['avg{metric:servicetime} < 1s', [[12, /no metric "servicetime"/, /"serviceTime"/]]],
    ['avg{phase:a,phase:b} < 1s', [[13, /"phase" is selected twice/, /leave one/]]],
    ['avg{phase} < 1s', [[10, /expected ":", got "}"/, /phase:NAME/]]],
    ['avg{phase:} < 1s', [[11, /expected a name, got "}"/, /double quotes/]]],
    ['avg{phase:a < 1s', [[13, /expected "," or "}", got "<"/, /for example/]]],
    // Three at once.
    [
      'avrg{fase:storm} < 10',
      [
        [1, /no measure "avrg"/, /"avg"/],
        [6, /no selector "fase"/, /"phase"/],
      ],
    ],
    [
      'p(0){fase:a} < 10',
      [
        [3, /no percentile 0/, /above 0/],
        [6, /no selector "fase"/, /"phase"/],
        [16, /compared with a duration/, /50ms/],
      ],
    ],
  ];
  for (const [text, expected] of cases) {
    const parsed = parseGate(text);
    assert.ok('mistakes' in parsed, text);
    assert.deepEqual(
      parsed.mistakes.map(({ column }) => column),
      expected.map(([column]) => column),
      `${text}: ${JSON.stringify(parsed.mistakes)}`,
    );
    for (const [index, [, message, hint]] of expected.entries()) {
      assert.match(parsed.mistakes[index]?.message ?? '', message, text);
      assert.match(parsed.mistakes[index]?.hint ?? '', hint, text);
    }
  }
});

test('the names a gate refers to', () => {
  const parsed = parseGate('avg{phase:storm,variant:retry} < 1s');
  assert.ok('gate' in parsed);
  assert.deepEqual(gateReferences(parsed.gate), {
    phases: ['storm'],
    variants: ['retry'],
    loads: [],
  });
});
