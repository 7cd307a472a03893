/** Faults within a backend's process, as a client sees them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, faultWindow, startTestFleet, type TestFleet } from '../../test/support/fleet.js';
import { createManualClock } from '../../test/support/manual-clock.js';
import { until } from '../../test/support/until.js';
import { createServiceScale } from './service-scale.js';

const MS = 1e6;

test('factors multiply, each from its own beginning, and take nothing with them', () => {
  const clock = createManualClock(1_000);
  const scale = createServiceScale(clock.now);
  assert.equal(scale.apply(7), 7);
  const undoFirst = scale.add((sinceNs) => 10 - sinceNs / 100);
  clock.advanceTo(1_200);
  const undoSecond = scale.add(() => 2);
  assert.equal(scale.apply(100), 1_600);
  undoFirst();
  undoFirst();
  assert.equal(scale.apply(100), 200);
  undoSecond();
  assert.equal(scale.apply(100), 100);
});

describe('the event loop', () => {
  let fleet: TestFleet;
  let client: ReturnType<typeof createChatClient>;
  before(async () => {
    fleet = await startTestFleet({
      server: 'wire',
      faults: [
        faultWindow('proc-loop-block', { block: '200ms' }, { fromNs: 20 * MS, toNs: 30 * MS }),
        faultWindow(
          'proc-cpu',
          { load: '90%', slice: '100ms' },
          { fromNs: 300 * MS, toNs: 600 * MS },
        ),
      ],
    });
    client = createChatClient(fleet.address);
    await client.say('connected');
    beginNow(fleet);
  });
  after(async () => {
    client.close();
    await fleet[Symbol.asyncDispose]();
  });

  test('a blocked loop answers nobody until its time is over; an event tells of it before', async () => {
    await until('the block', () => fleet.events('fault.start').length === 1);
    const blocked = await client.say('blocked');
    assert.equal(blocked.code, 0);
    const free = await client.say('free');
    assert.ok(blocked.tookMs > 100, `${blocked.tookMs} ms`);
    assert.ok(free.tookMs < blocked.tookMs / 2, `${free.tookMs} ms`);
  });

  test('other work takes its share of the time, and none when it is over', async () => {
    await until('the work', () => fleet.events('fault.start').length === 2);
    const busy: number[] = [];
    while (fleet.events('fault.end').length < 2) busy.push((await client.say('busy')).tookMs);
    const worst = Math.max(...busy);
    const calm: number[] = [];
    for (let i = 0; i < 20; i++) calm.push((await client.say('calm')).tookMs);
    assert.ok(worst > 45, `a burn lasts 90 ms; the longest wait was ${worst} ms`);
    assert.ok(median(calm) < worst / 4, `${median(calm)} ms beside ${worst} ms`);
  });
});

test('a backend that was started again is cold, its first process was not', async () => {
  const cold = { factor: 20, over: '60s', when: 'restart' };
  await using fleet = await startTestFleet({
    specs: [
      {
        name: 'b0',
        port: 0,
        server: 'wire',
        // Whose folder goes with the last socket in it.
        socket: 'unix',
        capacity: { slots: 1, queue: 10, serviceTime: { kind: 'fixed', ns: 10 * MS } },
      },
    ],
    faults: [
      faultWindow('proc-cold', cold, { fromNs: 0 }),
      faultWindow('proc-restart', {}, { fromNs: 60 * MS, toNs: 100 * MS }),
    ],
  });
  const say = async () => {
    using client = createChatClient(fleet.address);
    return (await client.say('hello')).tookMs;
  };
  beginNow(fleet);
  await until('the fault', () => fleet.events('fault.start').length > 0);
  const warm = await say();
  await until('its return', () => fleet.events('process.started').length > 0);
  // Told twice: by the first process, and by the one that plays what is left of the plan.
  const isCold = ({ subject }: { subject?: string }) => subject === 'storm/proc-cold';
  await until('the cold', () => fleet.events('fault.start').filter(isCold).length === 2);
  const first = await say();
  assert.ok(first >= 195, `20 times 10 ms, less what has passed of a minute: ${first} ms`);
  assert.ok(warm < first / 2, `${warm} ms`);
});

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
