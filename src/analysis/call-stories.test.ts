/** Single calls of a phase, as clients and servers wrote them down. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aLoadLine, aTargetLine } from '../../test/support/record-lines.js';
import type { SampledCall } from '../metrics/record.js';
import { callStories } from './call-stories.js';

const aCall = (call: number, endUs: number, more: Partial<SampledCall> = {}): SampledCall => ({
  ...{ load: 'say', phase: 'storm', call, dueUs: 5_000 + call, by: 'time', sentUs: 1 },
  ...{ endUs, status: 'OK' },
  ...more,
});

const nameOf = (address: string) => (address === 'host:1' ? 'b0' : 'b1');

test('the slowest of all intervals and workers, then some by chance; other phases apart', () => {
  const stories = callStories();
  stories.add({ ...aLoadLine('v', 0), samples: [aCall(1, 10), aCall(2, 90), aCall(3, 30)] });
  const calm = aCall(9, 1_000, { phase: 'calm' });
  stories.add({
    ...aLoadLine('v', 1),
    samples: [aCall(4, 50), aCall(5, 40, { by: 'chance' }), calm],
  });
  const told = stories.in('storm', nameOf)?.map(({ call, by, endUs }) => [call, by, endUs]);
  assert.deepEqual(told, [
    [2, 'time', 90],
    [4, 'time', 50],
    [3, 'time', 30],
    [5, 'chance', 40],
  ]);
  assert.equal(stories.in('calm', nameOf)?.length, 1);
  assert.equal(stories.in('nowhere', nameOf), undefined);
});

test('attempts have their names, and beside them what their servers saw, in the order of arrival', () => {
  const stories = callStories();
  const attempts = [
    { kind: 'first', backend: 'host:1', startUs: 2, endUs: 20, status: 'UNAVAILABLE' },
    { kind: 'retry', backend: 'host:1', startUs: 30, endUs: 60, status: 'OK' },
    { kind: 'hedge', backend: 'host:2', startUs: 40 },
  ] as const;
  stories.add({ ...aLoadLine('v', 0), samples: [aCall(7, 60, { by: 'chance', attempts })] });
  const due = { call: 7, dueUs: 5_007 };
  stories.addTarget({
    ...aTargetLine('v', 'b0', 0),
    samples: [
      { ...due, previousAttempts: 1, receivedNs: 5_040_000, endNs: 5_062_000, status: 'OK' },
      {
        ...{ ...due, previousAttempts: 0, receivedNs: 5_010_000, endNs: 5_022_000 },
        ...{ serviceFromNs: 5_011_000, serviceToNs: 5_021_000, status: 'UNAVAILABLE' },
      },
      { call: 8, dueUs: 5_007, previousAttempts: 0, receivedNs: 0, endNs: 1 },
    ],
  });
  const [story = assert.fail()] = stories.in('storm', nameOf) ?? [];
  assert.equal(story.dueMs, 5.007);
  assert.deepEqual(
    story.attempts?.map(({ kind, backend, server }) => [kind, backend, server]),
    [
      [
        ...['first', 'b0'],
        { receivedUs: 3, serviceFromUs: 4, serviceToUs: 14, endUs: 15, status: 'UNAVAILABLE' },
      ],
      ['retry', 'b0', { receivedUs: 33, endUs: 55, status: 'OK' }],
      ['hedge', 'b1', undefined],
    ],
  );
});
