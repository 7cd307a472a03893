import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase } from '../../test/support/findings.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { backpressureBlock } from './terminal-backpressure.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ width: 100, colour: false });
const phase = (name: string, more: Partial<PhaseSummary>) => aPhase(name, [0, 1_000], {}, more);
const CHAT = {
  received: 9,
  delivered: 90,
  dropped: 0,
  readersDisconnected: 0,
  outboxMessagesMax: 0,
};
const IDLE = {
  streamsStopped: 0,
  streamsStoppedMs: 0,
  connectionsStopped: 0,
  connectionsStoppedMs: 0,
};

test('where nobody waited nothing is said', () => {
  const quiet = { chat: CHAT, windows: { client: IDLE, server: IDLE } };
  assert.equal(backpressureBlock(style, [phase('steady', quiet), phase('calm', {})]), undefined);
});

test('who waited for whom, phase by phase', () => {
  const stalled = phase('stalled', {
    chat: {
      ...CHAT,
      dropped: 1_234,
      outboxMessagesMax: 50,
      outboxBytesMax: 5_120,
      heldMessagesMax: 2_500,
      heldBytesMax: 256_000,
      readersBlockedMs: 50_000,
      sendersStopped: 7,
      sendersStoppedMs: 300,
    },
    windows: { server: { ...IDLE, streamsStopped: 50, streamsStoppedMs: 60_000 } },
  });
  const text = backpressureBlock(style, [phase('steady', { chat: CHAT }), stalled]) ?? '';
  const words = text.replace(/\s+/g, ' ');
  assert.ok(!words.includes('steady'));
  for (const part of [
    'readers accepted nothing for 50 s, summed over readers',
    'up to 5 KiB waited for one reader, for all 2,500 messages (250 KiB)',
    'senders had to wait 7 times, for 300 ms, summed over senders',
    'the servers’ windows at zero: streams’ 50 times, 60 s in all',
  ]) {
    assert.ok(words.includes(part), `${part} in: ${words}`);
  }
  assert.ok(!words.includes('clients’'), 'what is not known is not told');
});

test('a wait that goes on from the interval before is not "0 times", and one is "once"', () => {
  const windows = {
    client: { ...IDLE, streamsStopped: 1, streamsStoppedMs: 2, connectionsStoppedMs: 0.203 },
  };
  const text = backpressureBlock(style, [phase('calm', { windows })]) ?? '';
  assert.match(
    text.replace(/\s+/g, ' '),
    /streams’ once, 2 ms in all, connections’ from before on, 203 µs in all$/,
  );
});
