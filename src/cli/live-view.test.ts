import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCallCell, aLoadLine } from '../../test/support/record-lines.js';
import { syntheticPlan } from '../../test/support/synthetic-run.js';
import type { LoadLine } from '../metrics/record.js';
import { createLiveView } from './live-view.js';

/** What is shown of some lines, by a stream that is no terminal. */
function shown(lines: readonly LoadLine[], workers = 2): string[] {
  let text = '';
  const stream = { isTTY: false, write: (piece: string) => (text += piece) };
  const view = createLiveView(
    { ...syntheticPlan, workers },
    stream as unknown as NodeJS.WriteStream,
    false,
  );
  for (const line of lines) view.write(line);
  return text.split('\n').filter((line) => line !== '');
}

const VARIANT = syntheticPlan.variants[0]?.name ?? '';
const cells = (offered: number) => [aCallCell('storm', { offered, started: offered, good: 10 })];
const lineOf = (worker: number, from: number, to: number, offered: number) =>
  aLoadLine(VARIANT, 0, {
    worker,
    fromNs: from * 1e9,
    toNs: to * 1e9,
    calls: cells(offered),
    inFlight: worker + 1,
  });

test('one line an interval, when all workers have told theirs; rates add up', () => {
  // Worker 1's interval is 2 s long (it was held up): 100 calls are 50/s beside the other's 100/s.
  const lines = shown([lineOf(0, 0, 1, 100), lineOf(1, 0, 2, 100)]);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /offered 150\/s {2}good 15\/s {2}open 3/);
});

test('a worker that is ahead does not fill in for another', () => {
  const lines = shown([
    lineOf(0, 0, 1, 100),
    lineOf(0, 1, 2, 300),
    lineOf(1, 0, 1, 100),
    lineOf(1, 1, 2, 300),
  ]);
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /offered 200\/s/);
  assert.match(lines[1] ?? '', /offered 600\/s/);
});

test('the stretch between the last interval and the end makes no rate', () => {
  assert.deepEqual(shown([lineOf(0, 1, 1.001, 40), lineOf(1, 1, 1.001, 40)]), []);
});
