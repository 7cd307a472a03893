/**
 * From lines to findings: the figures of a made-up run with the arithmetic spelled out, and that
 * nothing depends on how its cells were spread over workers, lines and time of arrival.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { analysed, variantOf } from '../../test/support/analysed.js';
import {
  aCallCell,
  aLoad,
  aLoadLine,
  anAttemptCell,
  aPlan,
  aRunLine,
  aTargetLine,
  aVariant,
  aVariantEnd,
  aVariantLine,
  durationsOf,
  okCalls,
  phasesOf,
  seconds,
} from '../../test/support/record-lines.js';
import { syntheticPlan, syntheticRecord } from '../../test/support/synthetic-run.js';
import { readMerged } from '../metrics/merged-durations.js';
import type { LoadLine, RecordLine } from '../metrics/record.js';
import type { VariantPlan } from '../scenarios/plan.js';
import { createAnalysis } from './analysis.js';
import type { Findings } from './findings.js';

const analyse = (lines: Iterable<RecordLine>, plan = syntheticPlan) => analysed(plan, lines);
const ended = aVariantEnd('v', 2);

test('the figures of a phase', () => {
  const { variants, run, generator } = analyse(syntheticRecord());
  const retry = variants.find(({ name }) => name === 'retry');
  const storm = retry?.phases.find(({ name }) => name === 'storm');
  assert.ok(retry && storm);
  // 4 s × 2 workers × 200 calls = 1,600; 188 of each 200 end OK; 175 retries per 200 calls.
  assert.equal(storm.calls.offered, 1600);
  assert.deepEqual(storm.calls.byCode, { OK: 1504, UNAVAILABLE: 96 });
  assert.deepEqual(storm.rates, {
    offeredPerSecond: 400,
    throughputPerSecond: 400,
    goodputPerSecond: 376,
  });
  assert.equal(storm.attempts.retries, 1400);
  assert.equal(storm.attempts.amplification, 3000 / 1600);
  assert.equal(storm.latencyUs?.count, 1600);
  // 2 ms and one request for each of 3 backends and 4 s.
  assert.equal(storm.deadline?.wastedServerMs, 24);
  assert.equal(storm.deadline?.wastedRequests, 12);
  assert.equal(storm.streams?.messagesReceived, 4 * 2 * 180);
  assert.deepEqual(
    storm.loads.map(({ name, calls }) => [name, calls.offered]),
    [
      ['say', 1600],
      ['chat', 0],
    ],
  );
  // A load in which no call ended has no latency: it is absent, not zero.
  assert.ok(!Object.hasOwn(storm.loads[1] ?? {}, 'latencyUs'));
  assert.equal(retry.series.length, 15);
  assert.deepEqual(retry.series[6], {
    fromMs: 6000,
    toMs: 7000,
    offered: 400,
    completed: 400,
    good: 376,
    failed: 24,
    missed: 0,
    attempts: 750,
    latencyUs: retry.series[6]?.latencyUs,
  });
  // The second variant's clock read zero 17 s after the start, and it took 15 s.
  assert.equal(run.durationMs, 32_000);
  assert.equal(generator.saturated, false);
  assert.equal(generator.loopBusyShare, 0.4);
});

test('backends stand in the plan’s order, idle ones too, and strangers after them', () => {
  const cell = (backend: string, first: number) => anAttemptCell('baseline', backend, { first });
  const stranger = { ...cell('b0', 10), backend: '10.0.0.9:1' };
  const [phase] = variantOf(
    aVariant('v'),
    aLoadLine('v', 0, { attempts: [cell('b2', 30), cell('b0', 60), stranger] }),
    ended,
  ).phases;
  assert.deepEqual(
    phase?.backends.map(({ name, attempts, share }) => [name, attempts, share]),
    [
      ['b0', 60, 0.6],
      ['b1', 0, 0],
      ['b2', 30, 0.3],
      ['10.0.0.9:1', 10, 0.1],
    ],
  );
  // (100)² / (4 · (3600 + 0 + 900 + 100)) = 10,000 / 18,400; 60 / 25.
  assert.equal(phase?.fairness?.jain, 10_000 / 18_400);
  assert.equal(phase?.fairness?.maxOverMean, 2.4);
});

test('what was not measured is absent', () => {
  const [phase] = variantOf(aVariant('v'), ended).phases;
  for (const key of ['latencyUs', 'serviceTimeUs', 'fairness', 'deadline', 'streams']) {
    assert.ok(!Object.hasOwn(phase ?? {}, key), key);
  }
  assert.ok(!Object.hasOwn(phase?.attempts ?? {}, 'amplification'));
  assert.deepEqual(phase?.loads, []);
  const withDeadline = aVariant('v', { loads: [aLoad('say', { deadlineNs: seconds(1) })] });
  assert.equal(variantOf(withDeadline, ended).phases[0]?.deadline?.exceeded, 0);
});

test('a variant of closed loops says so, and uploads say that nobody hears their messages', () => {
  const closed = aLoad('closed', { arrivals: { kind: 'closed', options: 4 } });
  const open = aLoad('open');
  const isClosed = (...loads: (typeof open)[]) =>
    variantOf(aVariant('v', { loads }), ended).closedLoop;
  assert.deepEqual(
    [isClosed(closed), isClosed(closed, open), isClosed(open)],
    [true, undefined, undefined],
  );
  const upload = { call: { kind: 'client-stream', options: {} } };
  const cell = {
    ...{ load: 'say', phase: 'baseline', messagesOffered: 2, messagesSent: 2, messagesMissed: 0 },
    ...{ messagesReceived: 0, writeStallNs: 0, bufferedBytesMax: 0 },
  };
  const heardIn = (load: ReturnType<typeof aLoad>) => {
    const lines = [aLoadLine('v', 0, { streams: [cell] }), ended] as const;
    return variantOf(aVariant('v', { loads: [load] }), ...lines).phases[0]?.streams?.unheard;
  };
  assert.equal(heardIn(aLoad('say', upload)), true);
  assert.equal(heardIn(aLoad('say', { call: { kind: 'chat', options: {} } })), undefined);
});

test('a call belongs to the phase it was due in, and to the interval in which it ended', () => {
  const plan = aVariant('v', { phases: phasesOf(['baseline', 1], ['storm', 1]) });
  const due = aLoadLine('v', 0, { calls: [aCallCell('baseline', { offered: 4, started: 4 })] });
  const late = { ...okCalls('baseline', 4), offered: 0, started: 0 };
  // Taken 300 ms late: its middle, 1.65 s, is still in the second interval.
  const end = aLoadLine('v', 1, { calls: [late], fromNs: seconds(1.3), toNs: seconds(2.3) });
  const { phases, series } = variantOf(plan, due, end, ended);
  assert.equal(phases[0]?.calls.good, 4);
  assert.equal(phases[1]?.calls.good, 0);
  assert.deepEqual(
    series.map(({ fromMs, offered, good }) => [fromMs, offered, good]),
    [
      [0, 4, 0],
      [1000, 0, 4],
    ],
  );
});

test('a run that stopped early has the phases it got to, as long as they lasted', () => {
  const plan = aVariant('v', { phases: phasesOf(['baseline', 1], ['storm', 2], ['recovery', 3]) });
  const stopped = { ...ended, atNs: seconds(2), complete: false, reason: 'it was interrupted' };
  const line = aLoadLine('v', 1, { calls: [okCalls('storm', 50)] });
  const variant = variantOf(plan, line, stopped);
  assert.deepEqual(
    variant.phases.map(({ name, toMs }) => [name, toMs]),
    [
      ['baseline', 1000],
      ['storm', 2000],
    ],
  );
  // 50 calls in the one second that storm lasted.
  assert.equal(variant.phases[1]?.rates.goodputPerSecond, 50);
  assert.equal(variant.complete, false);
  assert.equal(variant.reason, 'it was interrupted');
  // One shard of a run that stopped early is enough.
  assert.equal(variantOf(plan, line, ended, stopped).complete, false);
  assert.match(variantOf(plan, line).reason ?? '', /record stops before its end/);
  const { variants } = analyse([aRunLine()], aPlan([plan]));
  assert.deepEqual([variants[0]?.reason, variants[0]?.phases], ['it was not run', []]);
  const refused = { ...stopped, atNs: 0, reason: 'no connection' };
  const couldNotStart = analyse([aRunLine(), refused], aPlan([plan])).variants[0];
  assert.deepEqual([couldNotStart?.reason, couldNotStart?.phases], ['no connection', []]);
});

test('faults: counts add up over backends and intervals, fingerprints modulo 2^32', () => {
  const fault = { id: 'f', kind: 'rpc-abort', phase: 'baseline', fromNs: 0, toNs: 1, options: {} };
  const counts = (hitFirstSum: number) => ({
    faults: { f: { seen: 10, hit: 5, hitFirst: 4, seenFirst: 8, hitFirstSum } },
  });
  const { faults } = variantOf(
    aVariant('v', { faults: [fault] }),
    aTargetLine('v', 'b0', 0, counts(0xff00_0001)),
    aTargetLine('v', 'b1', 1, counts(0x0f00_0003)),
    ended,
  );
  const sums = { seen: 20, hit: 10, hitFirst: 8, hitSet: '0e000004' };
  assert.deepEqual(faults, [{ id: 'f', kind: 'rpc-abort', phase: 'baseline', ...sums }]);
});

test('a variant that the plan lacks, and a record without its first line, are refused', () => {
  const analysis = createAnalysis(syntheticPlan);
  assert.throws(() => analysis.add(aVariantLine('other')), /variant "other" that its plan/);
  assert.throws(() => analysis.findings(), /first line is missing/);
});

/** A load line as one line per cell, each from a worker of its own and in any order. */
function splitLine(line: LoadLine, worker: (cell: number) => number): LoadLine[] {
  const empty = { ...line, calls: [], attempts: [], streams: [] };
  const parts: LoadLine[] = [
    ...line.calls.map((cell) => ({ ...empty, calls: [cell] })),
    ...line.attempts.map((cell) => ({ ...empty, attempts: [cell] })),
    ...line.streams.map((cell) => ({ ...empty, streams: [cell] })),
  ];
  return parts.map((part, index) => ({ ...part, worker: worker(index) }));
}

/** Findings without what tells encodings apart: distributions as what they say. */
const readable = ({ distributions, ...findings }: Findings) => ({
  ...findings,
  distributions: distributions.map(({ latency, serviceTime, ...cell }) => ({
    ...cell,
    latency: readMerged([latency], (sum) => sum.summarise()),
    serviceTime: readMerged([serviceTime], (sum) => sum.summarise()),
  })),
});

test('findings do not depend on how cells are spread over workers and lines, or in what order', () => {
  const loops = { loopBusyShare: 0.3, eventLoopDelay: durationsOf([1, 5]) };
  const plan = aPlan([
    aVariant('v', { phases: phasesOf(['baseline', 2]), loads: [aLoad('say'), aLoad('tell')] }),
  ]);
  const lines = [0, 1].map((index) =>
    aLoadLine('v', index, {
      generator: loops,
      calls: [
        { ...okCalls('baseline', 20, 3 + index), lateness: durationsOf([0, 20]) },
        { ...okCalls('baseline', 7, 900), load: 'tell', byCode: { OK: 5, UNAVAILABLE: 2 } },
      ],
      attempts: [
        anAttemptCell('baseline', 'b0', { first: 20, byCode: { OK: 20 } }),
        anAttemptCell('baseline', 'b1', {
          first: 7,
          retries: 3,
          byCode: { UNAVAILABLE: 5, OK: 5 },
        }),
      ],
    }),
  );
  const frame = (loads: readonly LoadLine[]) => [aRunLine(), aVariantLine('v'), ...loads, ended];
  // The generator's own samples come once per line, so how many there are is not for comparison.
  const comparable = (findings: Findings) => {
    const { variants, generator: _, ...rest } = readable(findings);
    const stripped = variants.map(({ generator, ...variant }) => ({
      ...variant,
      generator: { ...generator, eventLoopDelayUs: undefined },
    }));
    return { ...rest, variants: stripped };
  };
  const expected = comparable(analyse(frame(lines), plan));
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
      fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      (workers, order) => {
        const parts = lines
          .flatMap((line) => splitLine(line, (cell) => workers[cell] ?? 0))
          .map((part, index) => ({ part, key: order[index] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ part }) => part);
        assert.deepEqual(comparable(analyse(frame(parts), plan)), expected);
      },
    ),
    { numRuns: 40, includeErrorInReport: true },
  );
});

test('two shards’ records, one after another or line by line, are one run', () => {
  const isOf = (worker: number) => (line: RecordLine) =>
    line.type === 'load' ? line.worker === worker : true;
  const lines = [...syntheticRecord()];
  // The servers are counted by one shard only; both tell of the run, the variants and their ends.
  const isShared = ({ type }: RecordLine) => type !== 'target' && type !== 'event';
  const first = lines.filter(isOf(0));
  // The second machine began a little later; the run began with the first.
  const second = lines
    .filter(isOf(1))
    .filter(isShared)
    .map((line) =>
      line.type === 'run' ? { ...line, startedAt: '2026-11-22T10:15:00.400Z' } : line,
    );
  const whole = readable(analyse(lines));
  assert.deepEqual(readable(analyse([...first, ...second])), whole);
  assert.deepEqual(readable(analyse([...second, ...first])), whole);
});

test('calls that waited for a stream add up, the largest wait counts, and grpc-js has no such figure', () => {
  const load = (index: number, more: object) =>
    aLoadLine('v', index, { calls: [{ ...okCalls('baseline', 10), ...more }] });
  const lines = [load(0, { queued: 3, queuedMax: 2 }), load(1, { queued: 4, queuedMax: 7 })];
  const client = (driver: 'wire' | 'grpc-js') => ({ ...aVariant('v').client, driver });
  const wire = aVariant('v', { client: client('wire') });
  const callsOf = (plan: VariantPlan, ...of: LoadLine[]) =>
    variantOf(plan, ...of, ended).phases[0]?.calls;
  const waited = callsOf(wire, ...lines);
  assert.deepEqual([waited?.queued, waited?.queuedMax], [7, 7]);
  const unhindered = callsOf(wire, load(0, {}));
  assert.deepEqual([unhindered?.queued, unhindered?.queuedMax], [0, 0]);
  const grpcJs = callsOf(aVariant('v', { client: client('grpc-js') }), load(0, {}));
  assert.ok(grpcJs && !Object.hasOwn(grpcJs, 'queued'));
});
