/** Faults for a proxy alone: from a file or one by itself, or every mistake that is in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../base/errors.js';
import { readFault, readFaultFile } from './fault-entries.js';

/** What is wrong with a text, a line each. */
function mistakesIn(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof UserError) return error.message.split('\n');
    throw error;
  }
  return [];
}

test('a file: every fault with its times, share, targets and options', () => {
  const [abort, delay, ...others] = readFaultFile(
    'faults.yaml',
    `faults:
  - rpc-abort: { code: UNAVAILABLE, at: 1s, for: 10s, methods: [my.Own/Method], count: 3 }
  - rpc-delay: { delay: 20ms, share: 10%, metadata: { tenant: blue } }
`,
  );
  assert.deepEqual(others, []);
  assert.deepEqual([abort?.atNs, abort?.forNs], [1e9, 10e9]);
  const { options, ...deed } = abort?.deed ?? {};
  assert.deepEqual(deed, { kind: 'rpc-abort', share: 1, methods: ['my.Own/Method'], count: 3 });
  assert.equal((options as { code?: string }).code, 'UNAVAILABLE');
  assert.deepEqual([delay?.atNs, delay?.forNs], [0, Number.POSITIVE_INFINITY]);
  assert.equal(delay?.deed.share, 0.1);
  assert.deepEqual(delay?.deed.metadata, { tenant: 'blue' });
});

test('every mistake of a file at once, each at its place', () => {
  const text = `faults:
  - rpc-abrot: { code: UNAVAILABLE }
  - rpc-abort: { code: UNAVALABLE, share: 150% }
  - proc-crash: {}
  - rpc-hang: { phase: storm, zones: [east] }
  - 7
  - rpc-abort: { code: INTERNAL, maxActive: 2 }
  - rpc-abort: { code: INTERNAL }
seed: 7
`;
  const wrong = mistakesIn(() => readFaultFile('f.yaml', text));
  const expected = [
    /^f\.yaml:2:5: there is no fault "rpc-abrot" \(did you mean "rpc-abort"\?\)/,
    /^f\.yaml:3:24: rpc-abort\.code: "UNAVALABLE" is not valid \(did you mean "UNAVAILABLE"/,
    /^f\.yaml:3:43: rpc-abort\.share: a share is at most 100%/,
    /^f\.yaml:4:5: proc-crash acts on a server's process: no proxy can carry it out/,
    /^f\.yaml:5:17: "phase" is a word of scenarios/,
    /^f\.yaml:5:31: "zones" is a word of scenarios/,
    /^f\.yaml:6:5: expected one fault, got 7 \(for example \{ rpc-abort/,
    /^f\.yaml:7:45: rpc-abort ends calls at once/,
    /^f\.yaml:9:1: unknown key "seed"/,
  ];
  assert.equal(wrong.length, expected.length, wrong.join('\n'));
  for (const [index, pattern] of expected.entries()) assert.match(wrong[index] ?? '', pattern);
});

test('files that are no list of faults', () => {
  const table: readonly (readonly [string, RegExp])[] = [
    ['', /^f\.yaml:1:1: expected a map with faults, got nothing/],
    ['- rpc-hang: {}', /^f\.yaml:1:1: expected a map with faults, got a list/],
    ['faults: { rpc-hang: {} }', /^f\.yaml:1:9: faults: expected a list, got a map/],
    ['fault: []', /^f\.yaml:1:1: unknown key "fault" \(did you mean "faults"\?\)/],
    ['faults: [', /^f\.yaml:1:/],
  ];
  for (const [text, pattern] of table) {
    assert.match(mistakesIn(() => readFaultFile('f.yaml', text))[0] ?? '', pattern);
  }
  assert.deepEqual(readFaultFile('f.yaml', 'faults: []'), []);
});

/** As deep as 64 KiB of indented lines go. */
const nestedByIndent = (levels: number) =>
  Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a:`).join('\n');

/** Nine lists, each of ten of the one before: a billion entries. */
const multiplying = Array.from({ length: 9 }, (_, level) => {
  const items = level === 0 ? new Array(10).fill('x') : new Array(10).fill(`*l${level - 1}`);
  return `k${level}: &l${level} [${items.join(', ')}]`;
}).join('\n');

test('one fault, in JSON or YAML; places are those of the text', () => {
  assert.equal(readFault('{"rpc-delay": {"delay": "5ms", "for": "1s"}}').forNs, 1e9);
  assert.equal(readFault('rpc-delay:\n  delay: 5ms\n').kind, 'rpc-delay');
  const table: readonly (readonly [string, RegExp])[] = [
    [
      '{"rpc-delay": {"delay": 5}}',
      /^fault:1:25: rpc-delay\.delay\.fixed: a duration needs a unit, got "5"/,
    ],
    ['rpc-delay:', /^fault:1:1\d?: rpc-delay: expected a map, got nothing/],
    ['', /^fault:1:1: expected one fault, got nothing/],
    ['{}', /^fault:1:1: expected one fault, got a map/],
    [
      'rpc-hang: {}\nrpc-delay: { delay: 1s }',
      /^fault:1:1: expected one fault, got rpc-hang and rpc-delay/,
    ],
    ['constructor: {}', /^fault:1:1: there is no fault "constructor"/],
    ['__proto__: {}', /^fault:1:1: there is no fault "__proto__"/],
    ['rpc-ignore-cancel: {}', /^fault:1:1: rpc-ignore-cancel acts inside a server/],
    ['\u0000', /^fault:1:\d+: /],
    ['['.repeat(60_000), /^fault: .*nested too deep/],
    ['- '.repeat(30_000), /^fault: .*nested too deep/],
    ['? '.repeat(30_000), /^fault: .*nested too deep/],
    [nestedByIndent(350), /^fault:1:1: there is no fault "a"/],
    [multiplying, /^fault: .*refers to itself too often/],
  ];
  for (const [text, pattern] of table) {
    assert.match(mistakesIn(() => readFault(text))[0] ?? '', pattern, text.slice(0, 60));
  }
});
