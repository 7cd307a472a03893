/** The tables of a variant's phases: headings and notes that depend on what was measured. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPhase } from '../../test/support/findings.js';
import type { StreamSummary } from '../metrics/summary.js';
import { callTable, deadlineTable, streamTable } from './terminal-phases.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 100 });
const cells = (line: string | undefined) => line?.trim().split(/ {2,}/);

test('a closed loop offers what it starts, and is told as that', () => {
  const phases = [aPhase('steady', [0, 1_000], { offered: 10 })];
  assert.match(callTable(style, phases), /phase {2,}offered\/s/);
  assert.match(callTable(style, phases, true), /phase {2,}started\/s/);
});

test('fewer attempts than calls are explained, once', () => {
  const few = aPhase('cut', [0, 1_000], { offered: 10 });
  const attempts = { ...few.attempts, amplification: 0.5 };
  const phases = [{ ...few, attempts }, { ...few, attempts }, few];
  const notes = callTable(style, phases).match(/below 1: some calls ended before they got/g);
  assert.equal(notes?.length, 1);
  assert.doesNotMatch(callTable(style, [few]), /below 1/);
});

const UPLOADS: StreamSummary = {
  ...{ messagesOffered: 200, messagesSent: 190, messagesMissed: 10, messagesReceived: 0 },
  ...{ writeStallMs: 0, bufferedBytesMax: 0 },
};

test('messages that nobody is to hear are not told as lost', () => {
  const row = (streams: StreamSummary) =>
    cells(
      streamTable(style, [aPhase('steady', [0, 1_000], {}, { streams })])
        ?.split('\n')
        .at(-1),
    );
  assert.deepEqual(row({ ...UPLOADS, unheard: true })?.slice(3, 6), ['10', '–', '–']);
  assert.deepEqual(row(UPLOADS)?.slice(3, 6), ['10', '0', '–']);
});

test('calls that ended DEADLINE_EXCEEDED beside those that ended after their deadline', () => {
  const [phase] = [aPhase('storm', [0, 1_000], { offered: 2_000 })];
  const overshootUs = { ...phase.latencyUs, count: 1_176, p50: 468, p99: 2_000 };
  const deadline = { exceeded: 1_576, calls: 2_000, cutOff: 0, overshootUs };
  const table = deadlineTable(style, [{ ...phase, deadline } as typeof phase]);
  assert.deepEqual(cells(table?.split('\n').at(-1)), [
    ...['storm', '1,576', '1,176', '468 µs', '2 ms', '–', '–'],
  ]);
});
