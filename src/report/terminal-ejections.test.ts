import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase } from '../../test/support/findings.js';
import { ejectionTable } from './terminal-ejections.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 100 });

test('each backend that was out, by phase; nothing where none was', () => {
  const out = { ejected: 2, letBackIn: 1, firstMs: 6_100, outShare: 0.87 };
  const text = ejectionTable(style, [
    aPhase('steady', [0, 4_000]),
    aPhase('failing', [4_000, 8_000], {}, { ejections: [{ backend: 'b3', ...out }] }),
    aPhase(
      'after',
      [8_000, 9_000],
      {},
      {
        ejections: [{ backend: 'b3', ejected: 0, letBackIn: 1, outShare: 0.05 }],
      },
    ),
  ]);
  assert.deepEqual(text?.split('\n'), [
    '  phase    backend  ejected  let back in  first at   out',
    '  failing  b3             2            1     6.1 s  87 %',
    '  after    b3             0            1         –   5 %',
  ]);
  assert.equal(ejectionTable(style, [aPhase('steady', [0, 4_000])]), undefined);
});
