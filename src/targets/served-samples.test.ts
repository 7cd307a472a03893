/** Attempts that servers write down one by one: on both of them, what became of each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { monotonicNowNs } from '../base/clock.js';
import type { ServedSample } from '../metrics/record.js';
import { createServedSamples } from './served-samples.js';
import { SERVER_KINDS } from './spec.js';
import { startTarget } from './target-server.js';

const MS = 1e6;

for (const server of SERVER_KINDS) {
  test(`${server}: received, served, answered or given up, of the calls that were chosen`, async () => {
    const samples: ServedSample[] = [];
    const serviceTime = { kind: 'fixed', ns: 20 * MS } as const;
    const target = await startTarget(
      {
        backend: { name: 'b0', port: 0, server, capacity: { slots: 1, queue: 9, serviceTime } },
        ...{ seed: 1, faults: [], intervalNs: 1e9, sampleShare: 1 },
      },
      { snapshot: ({ samples: taken = [] }) => void samples.push(...taken), event() {} },
    );
    target.begin(monotonicNowNs(), 0, {});
    using client = createChatClient(`127.0.0.1:${target.port}`);
    const served = await client.say('hi', { id: { ordinal: 5, dueNs: 3 * MS } });
    assert.equal(served.code, 0);
    // Of two at once one is in line when its time is over.
    const [, late] = await Promise.all([
      client.say('hi', { id: { ordinal: 6, dueNs: 0 } }),
      client.say('hi', { id: { ordinal: 7, dueNs: 0 }, deadlineMs: 10 }),
    ]);
    assert.equal(late.code, 4);
    await client.say('who is it?');
    target.stop();

    const byCall = new Map(samples.map((sample) => [sample.call, sample]));
    assert.deepEqual([...byCall.keys()].toSorted(), [5, 6, 7], 'who does not say who it is is not');
    const five = byCall.get(5) ?? assert.fail();
    assert.deepEqual([five.dueUs, five.previousAttempts, five.status], [3_000, 0, 'OK']);
    const { receivedNs, serviceFromNs = 0, serviceToNs = 0, endNs } = five;
    assert.ok(receivedNs <= serviceFromNs && serviceToNs <= endNs);
    assert.ok(serviceToNs - serviceFromNs >= 20 * MS);
    const seven = byCall.get(7) ?? assert.fail();
    assert.equal(seven.status, undefined, 'its client gave it up');
    assert.ok(seven.endNs >= seven.receivedNs);
  });
}

test('nothing is written down where no share is, nor of what another tier asks for', () => {
  const none = createServedSamples(1, 0, () => 0);
  assert.equal(none.arrived({ ordinal: 1, dueUs: 1 }, 0), undefined);
  const all = createServedSamples(1, 1, () => 0);
  assert.equal(all.arrived({ ordinal: 1, dueUs: 1, upstream: 2 }, 0), undefined);
  const end = (count: number) => {
    for (let ordinal = 0; ordinal < count; ordinal++) {
      const sample = all.arrived({ ordinal, dueUs: 1 }, 0);
      sample?.ended(0);
      sample?.ended();
    }
    return all.take(0);
  };
  assert.deepEqual(
    end(3).map(({ call, status }) => [call, status]),
    [
      [0, 'OK'],
      [1, 'OK'],
      [2, 'OK'],
    ],
    'each once, with its first end',
  );
  assert.equal(end(100).length, 40, 'bounded');
  assert.deepEqual(all.take(0), []);
});
