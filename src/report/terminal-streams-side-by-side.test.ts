import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase, aVariantSummary } from '../../test/support/findings.js';
import type { PhaseSummary, StreamSummary } from '../metrics/summary.js';
import { sideBySide } from './terminal-side-by-side.js';
import { streamsSideBySide } from './terminal-streams-side-by-side.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 100 });
const STREAMS: StreamSummary = {
  messagesOffered: 100,
  messagesSent: 90,
  messagesMissed: 10,
  messagesReceived: 360,
  writeStallMs: 0,
  bufferedBytesMax: 0,
};
const CHAT = {
  received: 90,
  delivered: 360,
  dropped: 12,
  readersDisconnected: 1,
  outboxMessagesMax: 20,
  outboxBytesMax: 81_920,
  sendersStoppedMs: 1_500,
};

const cells = (text: string | undefined) =>
  (text?.split('\n') ?? [])
    .filter((line) => /^ .*\d/.test(line) && !line.includes('variant'))
    .map((line) => line.trim().split(/\s{2,}/));

const variant = (name: string, more: Partial<PhaseSummary>) =>
  aVariantSummary({
    name,
    phases: [aPhase('warm-up', [0, 1_000]), aPhase('stalled', [1_000, 2_000], {}, more)],
  });

test('variants by their messages, in place of calls that stay open and have no latency', () => {
  const both = [
    variant('wait', { streams: STREAMS, chat: CHAT }),
    variant('keep', { streams: { ...STREAMS, messagesMissed: 0 } }),
  ];
  assert.deepEqual(cells(streamsSideBySide(style, both)), [
    ['stalled', 'wait', '10', '360', '–', '80 KiB', '12', '1', '1.5 s'],
    ['keep', '0', '360', '–', '–', '–', '–', '–'],
  ]);
  assert.equal(sideBySide(style, both), undefined);
});

test('nothing of one variant, and nothing where streams only send', () => {
  const sends = variant('upload', { streams: { ...STREAMS, messagesReceived: 0 } });
  assert.equal(streamsSideBySide(style, [sends, sends]), undefined);
  assert.equal(streamsSideBySide(style, [variant('wait', { streams: STREAMS })]), undefined);
});

test('several loads have a row each beside their phase, those that were at work', () => {
  const [calls] = [aPhase('x', [0, 1_000], { offered: 40, good: 20 }).calls];
  const [idle] = [aPhase('x', [0, 1_000]).calls];
  const loads = ['say', 'upload'].map((name) => ({ name, calls }));
  const phase = aPhase('stalled', [1_000, 2_000], { offered: 80, good: 40 }, { loads });
  const one = aVariantSummary({ name: 'stream', phases: [phase] });
  const other = aVariantSummary({
    name: 'connection',
    phases: [
      {
        ...phase,
        loads: [
          { name: 'say', calls },
          { name: 'upload', calls: idle },
        ],
      },
    ],
  });
  assert.deepEqual(
    cells(sideBySide(style, [one, other])).map((row) => row.slice(0, 5)),
    [
      ['stalled', 'stream', '40', '50 %', '40'],
      ['say', '20', '50 %', '20', '–'],
      ['upload', '20', '50 %', '20', '–'],
      ['connection', '40', '50 %', '40', '10 ms'],
    ],
  );
});
