import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { callIdText, formatCallId, parseCallId, upstreamOf, writeCallId } from './call-id.js';

test('what was formatted parses to the same call, its due time to the microsecond', () => {
  const ordinals = fc.integer({ min: 0, max: 999_999_999_999_999 });
  const dueTimes = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(ordinals, dueTimes, (ordinal, dueNs) => {
      assert.deepEqual(parseCallId(formatCallId(ordinal, dueNs)), {
        ordinal,
        dueUs: Math.floor(dueNs / 1000),
      });
    }),
  );
});

test('a name is written as it is formatted', () => {
  const ordinals = fc.integer({ min: 0, max: 999_999_999_999_999 });
  const dueTimes = fc.integer({ min: -1e6, max: Number.MAX_SAFE_INTEGER });
  const text = callIdText();
  fc.assert(
    fc.property(ordinals, dueTimes, (ordinal, dueNs) => {
      writeCallId(text, ordinal, dueNs);
      assert.equal(text.toString(), formatCallId(ordinal, dueNs));
    }),
  );
});

test('the attempts that led to a call on further tiers are told, unless all were first ones', () => {
  assert.equal(formatCallId(5, 1234e3, upstreamOf(0, 0)), '5.1234');
  assert.deepEqual(parseCallId('5.1234'), { ordinal: 5, dueUs: 1234 });
  const upstream = upstreamOf(upstreamOf(0, 2), 1);
  assert.equal(formatCallId(5, 1234e3, upstream), '5.1234.201');
  assert.deepEqual(parseCallId('5.1234.201'), { ordinal: 5, dueUs: 1234, upstream });
});

test('no two ways through as many tiers have the same number', () => {
  const attempts = fc.array(fc.nat(99), { minLength: 4, maxLength: 4 });
  const numberOf = (way: readonly number[]) => way.reduce(upstreamOf, 0);
  fc.assert(
    fc.property(attempts, attempts, (one, other) => {
      assert.equal(numberOf(one) === numberOf(other), String(one) === String(other));
    }),
  );
  assert.equal(numberOf([99, 99, 99, 500]), 99_999_999, 'what comes from the network has a bound');
});

test('a due time before the load clock began is sent as zero', () => {
  assert.equal(formatCallId(3, -5), '3.0');
});

test('any other text is no call id, and never an error', () => {
  const wrong = [
    '',
    '.',
    '1',
    '1.',
    '.1',
    '-1.2',
    '1.-2',
    '1.2.',
    '1.2.3.4',
    '1..3',
    '.2.3',
    '1,2',
    ' 1.2',
    '1.2\n',
    '1e3.2',
  ];
  for (const text of wrong) assert.equal(parseCallId(text), undefined, JSON.stringify(text));
  assert.equal(parseCallId('1234567890123456.0'), undefined, 'sixteen digits may not be exact');
  fc.assert(
    fc.property(fc.string(), (text) => {
      const id = parseCallId(text);
      assert.ok(id === undefined || `${id.ordinal}.${id.dueUs}`.length <= text.length);
    }),
  );
});
