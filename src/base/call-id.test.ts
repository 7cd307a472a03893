import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatCallId, parseCallId } from './call-id.js';

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
    '1.2.3',
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
