import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase } from '../../test/support/findings.js';
import type { ServerChatSummary } from '../metrics/summary.js';
import { readerTable } from './terminal-readers.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 100 });
const QUIET: ServerChatSummary = {
  received: 40,
  delivered: 360,
  dropped: 0,
  readersDisconnected: 0,
  outboxMessagesMax: 0,
};

function phase(name: string, chat: Partial<ServerChatSummary> | undefined) {
  return aPhase(name, [0, 1_000], {}, chat === undefined ? {} : { chat: { ...QUIET, ...chat } });
}

test('what waited for slow readers and what was dropped, phase by phase', () => {
  const phases = [
    phase('warm-up', {}),
    phase('calm', undefined),
    phase('storm', { dropped: 12_345, readersDisconnected: 3, outboxMessagesMax: 1_000 }),
  ];
  assert.deepEqual(
    readerTable(style, phases)
      ?.split('\n')
      .filter((line) => /[a-z]/.test(line))
      .map((line) => line.trim().split(/\s{2,}/)),
    [
      ['phase', 'servers heard', 'handed on', 'most waiting for one', 'dropped', 'readers cut off'],
      ['warm-up *', '40', '360', '–', '0', '0'],
      ['storm', '40', '360', '1,000', '12,345', '3'],
    ],
  );
});

test('nothing where nobody was slow, and nothing where nobody spoke', () => {
  assert.equal(readerTable(style, [phase('calm', {})]), undefined);
  assert.equal(readerTable(style, [phase('calm', undefined)]), undefined);
});
