import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallStory, PhaseSummary } from '../metrics/summary.js';
import { slowestTable } from './terminal-slowest.js';
import { styleOf } from './terminal-style.js';

const style = styleOf({ colour: false, width: 100 });

const STORY: CallStory = {
  ...{ load: 'say', call: 3, by: 'time', dueMs: 1_200, sentUs: 20, endUs: 61_000, status: 'OK' },
  attempts: [
    { kind: 'first', backend: 'b1', startUs: 100, endUs: 3_100, status: 'UNAVAILABLE' },
    { kind: 'hedge', backend: 'b2', startUs: 30_000 },
    { kind: 'retry', backend: 'b0', startUs: 50_000, endUs: 61_000, status: 'OK' },
  ],
};

const phase = (stories: readonly CallStory[] | undefined, discard = false) =>
  ({ name: 'storm', discard, stories }) as unknown as PhaseSummary;

const text = (...phases: PhaseSummary[]) =>
  slowestTable(style, phases)?.replaceAll(/\s+/g, ' ') ?? '';

test('what became of the slowest call, attempt by attempt', () => {
  assert.match(
    text(phase([STORY])),
    /storm 61 ms 1.2 s first on b1 at 100 µs: UNAVAILABLE after 3 ms; hedge on b2 at 30 ms: left open; retry on b0 at 50 ms: OK after 11 ms\s*$/,
  );
});

test('several attempts say over which connections they went, and what reset them', () => {
  const attempts = [
    {
      kind: 'first',
      backend: 'b1',
      connection: 4,
      startUs: 100,
      endUs: 3_100,
      status: 'UNAVAILABLE',
    },
    { kind: 'retry', backend: 'b1', connection: 7, startUs: 50_000, endUs: 61_000, status: 'OK' },
  ] as const;
  const [first, retry] = attempts;
  const refused = { ...first, resetCode: 'REFUSED_STREAM' };
  assert.match(
    text(phase([{ ...STORY, attempts: [refused, retry] }])),
    /first on b1, connection 4, at 100 µs: UNAVAILABLE \(reset with REFUSED_STREAM\) after 3 ms; retry on b1, connection 7, at/,
  );
  assert.match(text(phase([{ ...STORY, attempts: [retry] }])), /retry on b1 at 50 ms: OK/);
});

test('one that was late, and cut off; many attempts are counted', () => {
  const [first] = STORY.attempts ?? [];
  const { status: _, ...open } = STORY;
  const many = Array.from({ length: 7 }, () => first ?? assert.fail());
  const told = text(phase([{ ...open, sentUs: 4_000, attempts: many }]));
  assert.match(told, /sent 4 ms late; first on b1.*; 2 more; ended with the run, still open/);
});

test('nothing of phases without one, of warm-up, or of calls whose attempts nobody followed', () => {
  const { attempts: _, ...alone } = STORY;
  assert.equal(slowestTable(style, [phase(undefined)]), undefined);
  assert.equal(slowestTable(style, [phase([STORY], true)]), undefined);
  assert.equal(slowestTable(style, [phase([alone])]), undefined);
});
