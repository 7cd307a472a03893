/** What checks found in several variants: one row where they agree, and each of them where not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aVariantSummary } from '../../test/support/findings.js';
import type { CheckResult } from '../metrics/summary.js';
import { checksSideBySide } from './terminal-checks-side-by-side.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 100 });

const check = (name: string, value: number | undefined, expected: string): CheckResult => ({
  ...{ name, verdict: value === undefined ? 'inconclusive' : 'pass', expected, unit: 'count' },
  ...(value === undefined ? {} : { value }),
  why: '',
});

const variant = (name: string, ...checks: CheckResult[]) => aVariantSummary({ name, checks });

test('every check has a row for each variant that it came out otherwise in', () => {
  const text = checksSideBySide(style, [
    variant('stock', check('flap/misroutes', 358, '>= 20'), check('calm/lost', 0, '<= 0')),
    variant('aware', check('flap/misroutes', 0, '<= 0'), check('calm/lost', 0, '<= 0')),
  ]);
  assert.deepEqual(text?.split('\n').slice(2), [
    '  verdict  check           variant  value  expected',
    '  ✔ pass   flap/misroutes  stock      358  >= 20',
    '  ✔ pass                   aware        0  <= 0',
    '  ✔ pass   calm/lost       all          0  <= 0',
  ]);
});

test('what is shown in place of a number, and a line for each bound', () => {
  const never: CheckResult = { ...check('bad/detect', undefined, '>= 2 s'), shown: 'never' };
  const gain = { ...check('a/gain', 21.5, 'gain >= 30 % and extra <= 40 %') };
  const text = checksSideBySide(style, [
    variant('one', never),
    variant('two', { ...gain, shown: 'gain 86.8 % and extra 4 %' }),
  ]);
  assert.deepEqual(text?.split('\n').slice(3), [
    '  ? inconclusive  bad/detect  one              never  >= 2 s',
    '  ✔ pass          a/gain      two        gain 86.8 %  gain >= 30 %',
    '                                       and extra 4 %  and extra <= 40 %',
  ]);
});

test('what only some variants are held to is told of those, and what decided nothing says so', () => {
  const text = checksSideBySide(style, [
    variant('one', check('a/lost', 1, '<= 2')),
    variant('two', check('a/status-table', 0, 'OK'), check('b/lost', undefined, '<= 2')),
    variant('three', check('a/lost', 1, '<= 2')),
  ]);
  assert.match(text ?? '', /pass +a\/lost +one +1 .*\n.*pass +three +1 /);
  assert.match(text ?? '', /inconclusive +b\/lost +two +–/);
  assert.doesNotMatch(text ?? '', /status-table/);
});

test('nothing where fewer than two variants have checks', () => {
  const lost = check('a/lost', 1, '<= 2');
  assert.equal(checksSideBySide(style, [variant('one', lost), variant('two')]), undefined);
  const statuses = variant('one', check('a/status-table', 0, 'OK'));
  assert.equal(checksSideBySide(style, [statuses, statuses]), undefined);
});
