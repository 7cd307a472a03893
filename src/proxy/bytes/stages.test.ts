/** What each stage does to pieces, on a clock of the test's: alone, together, and when its fault ends. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '../../../test/support/manual-clock.js';
import { createRng } from '../../base/rng.js';
import type { StreamEffect } from '../../faults/byte-effect.js';
import { Lane } from './lane.js';
import { makeStage, STAGE_RANK } from './make-stage.js';

const MS = 1e6;

type Part<Kind> = Omit<Extract<StreamEffect, { effect: Kind }>, 'effect' | 'directions'>;

/** Effects in short. */
const effects = {
  latency: (delayMs: number, jitterMs = 0) =>
    of('latency', { delayNs: delayMs * MS, jitterNs: jitterMs * MS }),
  bandwidth: (bytesPerSecond: number) => of('bandwidth', { bytesPerSecond }),
  slice: (bytes: number, variationBytes = 0, gapMs = 0) =>
    of('slice', { bytes, variationBytes, gapNs: gapMs * MS }),
  slowClose: (delayMs: number) => of('slow-close', { delayNs: delayMs * MS }),
  blackhole: (drops = false) => of('blackhole', { drops }),
  closeAfter: (bytes: number) => of('close-after', { bytes }),
};

function of<Kind extends StreamEffect['effect']>(effect: Kind, part: Part<Kind>): StreamEffect {
  return { effect, directions: 'up', ...part } as unknown as StreamEffect;
}

/** A lane with its clock, and what has come out of it. */
function createLab(seed = 7) {
  const clock = createManualClock();
  const out: { atMs: number; text: string }[] = [];
  const told: string[] = [];
  let released = 0;
  const lane = new Lane((piece) => {
    const text = piece.kind === 'octets' ? Buffer.from(piece.bytes).toString() : `<${piece.kind}>`;
    out.push({ atMs: clock.now() / MS, text });
    if (piece.kind === 'octets') piece.done();
  });
  const owner = {
    closeInOrder() {
      told.push('closeInOrder');
      lane.push({ kind: 'end' });
    },
    deaden() {
      told.push('deaden');
      lane.kill();
    },
  };
  return {
    clock,
    lane,
    out,
    told,
    released: () => released,
    text: () => out.map(({ text }) => text).join(''),
    add: (effect: StreamEffect) =>
      lane.add(STAGE_RANK[effect.effect], (port) =>
        makeStage(effect, port, clock, createRng(seed, 'lab'), owner),
      ),
    send(text: string) {
      lane.push({ kind: 'octets', bytes: Buffer.from(text), done: () => released++ });
    },
    end: () => lane.push({ kind: 'end' }),
    at(ms: number) {
      clock.advanceTo(ms * MS);
    },
  };
}

describe('one stage', () => {
  test('latency: each piece later by the delay, its end behind it', () => {
    const lab = createLab();
    lab.add(effects.latency(50));
    lab.send('a');
    lab.at(20);
    lab.send('b');
    lab.end();
    lab.at(200);
    assert.deepEqual(lab.out, [
      { atMs: 50, text: 'a' },
      { atMs: 70, text: 'b' },
      { atMs: 70, text: '<end>' },
    ]);
    assert.equal(lab.released(), 2);
  });

  test('latency with jitter: within its bounds, in order, the same for the same seed', () => {
    const times = (seed: number) => {
      const lab = createLab(seed);
      lab.add(effects.latency(50, 40));
      for (let ms = 0; ms < 100; ms++) {
        lab.at(ms * 10);
        lab.send(String.fromCharCode(33 + (ms % 90)));
      }
      lab.at(5_000);
      return lab.out.map(({ atMs }, index) => atMs - index * 10);
    };
    const delays = times(1);
    assert.ok(delays.every((delayMs) => delayMs >= 10 && delayMs <= 90));
    assert.ok(Math.max(...delays) - Math.min(...delays) > 40, 'it varies');
    assert.deepEqual(times(1), delays);
    assert.notDeepEqual(times(2), delays);
  });

  test('bandwidth: as many octets a second as it says, whoever sends in whatever pieces', () => {
    for (const piece of [10, 1_000, 50_000]) {
      const lab = createLab();
      lab.add(effects.bandwidth(10_000));
      for (let sent = 0; sent < 100_000; sent += piece) lab.send('x'.repeat(piece));
      lab.at(5_000);
      const bytes = lab.text().length;
      assert.ok(bytes >= 49_000 && bytes <= 50_500, `${bytes} octets in 5 s`);
      const early = lab.out.filter(({ atMs }) => atMs <= 1_000);
      const inOneSecond = early.reduce((sum, { text }) => sum + text.length, 0);
      assert.ok(inOneSecond >= 9_800 && inOneSecond <= 10_500, `${inOneSecond} in 1 s`);
    }
  });

  test('slice: pieces of the size, as far apart as the gap, and none lost', () => {
    const lab = createLab();
    lab.add(effects.slice(10, 4, 5));
    const text = 'abcdefghij'.repeat(20);
    lab.send(text);
    lab.at(10_000);
    assert.equal(lab.text(), text);
    const sizes = lab.out.slice(0, -1).map(({ text: piece }) => piece.length);
    assert.deepEqual([Math.min(...sizes), Math.max(...sizes)], [6, 14]);
    assert.ok(lab.out.every(({ atMs }, index) => atMs === index * 5));
    assert.equal(lab.released(), 1);
  });

  test('slow-close: the end later, the octets not', () => {
    const lab = createLab();
    lab.add(effects.slowClose(300));
    lab.send('a');
    lab.end();
    lab.at(1_000);
    assert.deepEqual(lab.out, [
      { atMs: 0, text: 'a' },
      { atMs: 300, text: '<end>' },
    ]);
  });

  test('blackhole: nothing, then all of it', () => {
    const lab = createLab();
    const over = lab.add(effects.blackhole());
    lab.send('ab');
    lab.end();
    lab.at(1e6);
    assert.deepEqual(lab.out, []);
    assert.equal(lab.lane.heldBytes, 2);
    over();
    assert.equal(lab.text(), 'ab<end>');
    assert.deepEqual(lab.told, []);
  });

  test('blackhole that drops: a lane that lost octets carries no more, but ends', () => {
    const lab = createLab();
    const over = lab.add(effects.blackhole(true));
    lab.send('lost');
    assert.equal(lab.released(), 1);
    over();
    lab.send('after');
    lab.end();
    assert.equal(lab.text(), '<end>');
    assert.deepEqual(lab.told, ['deaden']);
    const unharmed = createLab();
    unharmed.add(effects.blackhole(true))();
    unharmed.send('as ever');
    assert.equal(unharmed.text(), 'as ever');
  });

  test('close-after: exactly so many octets, then the end', () => {
    for (const [bytes, text] of [
      [5, 'abcde<end>'],
      [3, 'abc<end>'],
      [0, '<end>'],
    ] as const) {
      const lab = createLab();
      lab.add(effects.closeAfter(bytes));
      lab.send('ab');
      lab.send('cdefg');
      lab.send('h');
      assert.equal(lab.text(), text);
      assert.equal(lab.released(), 3);
      assert.equal(lab.lane.heldBytes, 0);
      assert.deepEqual(lab.told, ['closeInOrder']);
    }
  });
});

describe('several stages', () => {
  test('have one order, whichever came first', () => {
    const run = (list: readonly StreamEffect[]) => {
      const lab = createLab();
      for (const effect of list) lab.add(effect);
      lab.send('abcdef');
      lab.at(1_000);
      return lab.out;
    };
    const list = [effects.latency(100), effects.slice(2, 0, 10), effects.closeAfter(5)];
    const expected = [
      { atMs: 100, text: 'ab' },
      { atMs: 110, text: 'cd' },
      { atMs: 120, text: 'e' },
      { atMs: 120, text: '<end>' },
    ];
    assert.deepEqual(run(list), expected);
    assert.deepEqual(run(list.toReversed()), expected);
  });

  test('of one kind add up', () => {
    const lab = createLab();
    lab.add(effects.latency(100));
    lab.add(effects.latency(30));
    lab.send('a');
    lab.at(1_000);
    assert.deepEqual(lab.out, [{ atMs: 130, text: 'a' }]);
  });

  test('what is under way when a later one begins is in its hands, too', () => {
    const lab = createLab();
    lab.add(effects.latency(100));
    lab.send('a');
    lab.at(50);
    const over = lab.add(effects.blackhole());
    lab.at(500);
    assert.equal(lab.text(), '');
    over();
    assert.deepEqual(lab.out, [{ atMs: 500, text: 'a' }]);
  });
});

const anyEffect: fc.Arbitrary<StreamEffect> = fc.oneof(
  fc.nat(200).map((ms) => effects.latency(ms + 1, ms)),
  fc.integer({ min: 10, max: 100_000 }).map(effects.bandwidth),
  fc.tuple(fc.integer({ min: 2, max: 40 }), fc.nat(20)).map(([n, ms]) => effects.slice(n, 1, ms)),
  fc.nat(100).map((ms) => effects.slowClose(ms + 1)),
  fc.constant(effects.blackhole()),
);
type Step =
  | { readonly do: 'send'; readonly bytes: number }
  | { readonly do: 'wait' | 'end' | 'shut' | 'open'; readonly n: number }
  | { readonly do: 'begin'; readonly effect: StreamEffect };
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('send' as const), bytes: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ do: fc.constantFrom('wait', 'end', 'shut', 'open'), n: fc.nat(100) }),
  fc.record({ do: fc.constant('begin' as const), effect: anyEffect }),
);

test('whatever begins and ends whenever: every octet comes, once, in order, and nothing is left', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const lab = createLab();
      const running: (() => void)[] = [];
      let sent = '';
      let sends = 0;
      for (const step of steps) {
        if (step.do === 'send') {
          const text = Array.from({ length: step.bytes }, (_, i) =>
            String.fromCharCode(97 + ((sent.length + i) % 26)),
          ).join('');
          sent += text;
          sends++;
          lab.send(text);
        } else if (step.do === 'begin') running.push(lab.add(step.effect));
        else if (step.do === 'end') running.splice(step.n % (running.length + 1), 1)[0]?.();
        else if (step.do === 'shut') lab.lane.shut();
        else if (step.do === 'open') lab.lane.open();
        else lab.at(lab.clock.now() / MS + step.n);
        assert.ok(sent.startsWith(lab.text()));
        assert.equal(lab.lane.heldBytes, sent.length - lab.text().length);
      }
      lab.end();
      for (const over of running) over();
      lab.lane.open();
      assert.equal(lab.text(), `${sent}<end>`);
      assert.equal(lab.lane.heldBytes, 0);
      assert.equal(lab.released(), sends);
      assert.equal(lab.clock.armed, 0);
    }),
    { numRuns: 300 },
  );
});

test('a lane with nothing to do is idle, so that octets may go past it', () => {
  const lab = createLab();
  assert.ok(lab.lane.isIdle);
  const over = lab.add(effects.latency(10));
  lab.send('a');
  assert.equal(lab.lane.isIdle, false);
  over();
  assert.ok(lab.lane.isIdle);
  lab.lane.shut();
  lab.send('b');
  assert.equal(lab.lane.isIdle, false);
  lab.lane.open();
  assert.ok(lab.lane.isIdle);
});

test('a reset passes those who do not read, and takes with it what waits for them', () => {
  const lab = createLab();
  lab.lane.shut();
  lab.send('unread');
  lab.lane.push({ kind: 'close', error: new Error('reset') });
  assert.equal(lab.text(), '<close>');
  assert.deepEqual([lab.released(), lab.lane.heldBytes], [1, 0]);
});

test('a lane that is discarded lets nothing out and holds nothing, timers neither', () => {
  const lab = createLab();
  lab.add(effects.latency(10));
  lab.add(effects.bandwidth(10));
  lab.add(effects.slice(1, 0, 10));
  lab.send('x'.repeat(100));
  lab.end();
  const before = lab.text();
  lab.lane.discard();
  lab.send('y');
  lab.at(1e6);
  assert.equal(lab.text(), before);
  assert.deepEqual([lab.released(), lab.lane.heldBytes, lab.clock.armed], [2, 0, 0]);
});
