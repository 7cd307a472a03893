/** A peer that sends everything as a literal, again and again, and puts all of it into the table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder } from './hpack-decoder.js';

const STATIC_COUNT = 61;
const DATE_INDEX = 33;

const text = (value: string) => [value.length, ...Buffer.from(value, 'latin1')];
const literal = (name: string, value: string) => [0x40, ...text(name), ...text(value)];
const withIndex = (index: number, value: string) => [0x40 | index, ...text(value)];

function decode(decoder: HpackDecoder, octets: readonly number[]) {
  return decoder.decode(Uint8Array.from(octets), 0, octets.length).fields;
}

test('equal literals give the same field, and each enters the table anew', () => {
  const decoder = new HpackDecoder();
  const [first] = decode(decoder, withIndex(DATE_INDEX, 'today'));
  const [second, third] = decode(decoder, [
    ...withIndex(DATE_INDEX, 'today'),
    ...withIndex(DATE_INDEX, 'today'),
  ]);
  assert.deepEqual(first, { name: 'date', value: 'today', neverIndexed: false });
  assert.equal(second, first);
  assert.equal(third, first);
  assert.equal(decoder.tableCount, 3);
});

test('a name that is an index into the table is looked up each time', () => {
  const decoder = new HpackDecoder();
  const newest = STATIC_COUNT + 1;
  decode(decoder, literal('a', '1'));
  assert.equal(decode(decoder, withIndex(newest, 'x'))[0]?.name, 'a');
  decode(decoder, literal('b', '1'));
  assert.equal(decode(decoder, withIndex(newest, 'x'))[0]?.name, 'b');
});

test('a field that no message may have is found again each time', () => {
  const decoder = new HpackDecoder();
  for (let i = 0; i < 3; i++) {
    const octets = Uint8Array.from([0x88, ...literal('a', 'line\nbreak')]);
    assert.equal(decoder.decode(octets, 0, octets.length).kind, 'malformed');
  }
});

test('what is known outlives the octets that it was read from', () => {
  const decoder = new HpackDecoder();
  // As a socket does it: one buffer for all that is read.
  const read = Buffer.alloc(64);
  const values = ['10', '12', '10', '12'].map((value) => {
    const octets = literal('grpc-status', value);
    read.set(octets);
    return decoder.decode(read, 0, octets.length).fields[0]?.value;
  });
  assert.deepEqual(values, ['10', '12', '10', '12']);
});

const word = fc.constantFrom('', 'a', 'b', 'aa', 'ab', 'a longer value that recurs');
const part = fc.oneof(
  fc.tuple(fc.constant('literal' as const), word, word),
  fc.tuple(fc.constant('static' as const), fc.constant('date'), word),
  fc.tuple(fc.constant('table' as const), fc.constant(''), word),
);

test('whatever recurs, fields are those that were sent', () => {
  fc.assert(
    fc.property(fc.array(fc.array(part, { maxLength: 5 }), { maxLength: 12 }), (blocks) => {
      const decoder = new HpackDecoder();
      let newestName: string | undefined;
      for (const block of blocks) {
        const octets: number[] = [];
        const sent: [string, string][] = [];
        for (const [kind, given, value] of block) {
          if (kind === 'table' && newestName === undefined) continue;
          const name = kind === 'table' ? (newestName ?? '') : given;
          if (kind === 'literal') octets.push(...literal(name, value));
          else octets.push(...withIndex(kind === 'static' ? DATE_INDEX : STATIC_COUNT + 1, value));
          sent.push([name, value]);
          newestName = name;
        }
        const got = decode(decoder, octets).map(({ name, value }) => [name, value]);
        assert.deepEqual(got, sent);
      }
    }),
    { numRuns: 3_000 },
  );
});
