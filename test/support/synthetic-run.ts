/**
 * A made-up run of two variants, whole enough for every report.
 *
 * Two workers send 200 calls/s each. In the storm every second attempt is aborted:
 *   - `no-retry`: half of the calls fail, and all is well at once when the storm is over;
 *   - `retry` (4 attempts): of 200 calls 100 + 50 + 25 are retried, 1.875 attempts per call, and 188
 *     end OK; for two seconds after the storm calls take 60 ms instead of 5.
 * Ten chat streams per worker, opened in the warm-up, run along to the end. One attempt of
 * `no-retry` never reached its server.
 */
import type {
  AttemptCell,
  LoadLine,
  RecordLine,
  StreamCell,
  TargetLine,
} from '../../src/metrics/record.js';
import type { Plan, VariantPlan } from '../../src/scenarios/plan.js';
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
  phasesOf,
  seconds,
  ZERO_UNIX_MS,
} from './record-lines.js';

const BACKENDS = ['b0', 'b1', 'b2'] as const;
const WORKERS = [0, 1] as const;
const CALLS = 200;
const PHASES = phasesOf(['warm-up', 1], ['baseline', 4], ['storm', 4], ['recovery', 6]);
const INTERVALS = 15;
const FAULT = 'storm/rpc-abort';

function variantPlan(name: string): VariantPlan {
  return aVariant(name, {
    phases: PHASES,
    loads: [
      aLoad('say', { deadlineNs: seconds(0.5) }),
      aLoad('chat', { call: { kind: 'chat', options: {} } }),
    ],
    faults: [
      {
        id: FAULT,
        kind: 'rpc-abort',
        phase: 'storm',
        fromNs: seconds(5),
        toNs: seconds(9),
        share: 0.5,
        options: {},
      },
    ],
    checks: [
      { kind: 'retry-amplification', options: { phase: 'storm', atMost: 1.5 } },
      {
        kind: 'recovery-time',
        options: { after: 'storm', atMost: seconds(5), tolerance: 0.05, latencyFactor: 2 },
      },
      { kind: 'success-rate', options: { phase: 'storm', atLeast: 0.9 } },
      { kind: 'fairness', options: { phase: 'baseline', jainAtLeast: 0.99 } },
    ],
  });
}

export const syntheticPlan: Plan = aPlan([variantPlan('no-retry'), variantPlan('retry')], {
  scenario: 'retry-storm',
  summary:
    'Half of the replies fail for four seconds. How much extra load do retries make, and does the ' +
    'service come back?',
  gates: [
    'p(99){phase:baseline, load:say} < 50ms',
    'rate(errors) < 1%',
    'amplification{phase:storm, variant:retry} <= 2',
  ].map((expression, index) => ({
    expression,
    source: { file: 'retry-storm.yaml', line: 31 + index },
  })),
});

const phaseOf = (index: number): string =>
  PHASES.find(({ toNs }) => seconds(index) < toNs)?.name ?? 'recovery';

/** What became of one worker's 200 calls of one interval. */
function fate(variant: string, index: number) {
  const phase = phaseOf(index);
  if (phase === 'storm') {
    return variant === 'retry' ? { ok: 188, retries: 175, ms: 40 } : { ok: 100, retries: 0, ms: 5 };
  }
  const isSlow = variant === 'retry' && (index === 9 || index === 10);
  return { ok: CALLS, retries: 0, ms: isSlow ? 60 : 5 };
}

function loadLine(variant: string, index: number, worker: number): LoadLine {
  const phase = phaseOf(index);
  const { ok, retries, ms } = fate(variant, index);
  const took = durationsOf([ms, CALLS - 2], [4 * ms, 2]);
  const say = aCallCell(phase, {
    offered: CALLS,
    started: CALLS,
    completed: CALLS,
    good: ok,
    byCode: ok === CALLS ? { OK: ok } : { OK: ok, UNAVAILABLE: CALLS - ok },
    latency: took,
    serviceTime: took,
    lateness: durationsOf([0.2, CALLS - 2], [1.5, 2]),
  });
  const opened = index === 0 ? 10 : 0;
  const chat = aCallCell(phase, { load: 'chat', offered: opened, started: opened });
  const ended = { load: 'chat', completed: 10, good: 10, byCode: { OK: 10 } };
  const chatEnds = index === INTERVALS - 1 ? [aCallCell('warm-up', ended)] : [];
  return aLoadLine(variant, index, {
    worker,
    calls: [say, chat, ...chatEnds],
    attempts: BACKENDS.map((_, backend) => attempts(phase, backend, ok, retries, opened)),
    streams: [streamCell(phase)],
    generator: { loopBusyShare: 0.3 + worker / 10, cpuShare: 0.4, eventLoopDelay: took },
  });
}

/** A third of the attempts each; what is left over goes to the first backend. */
function attempts(
  phase: string,
  backend: number,
  ok: number,
  retries: number,
  opened: number,
): AttemptCell {
  const part = (total: number) => Math.floor(total / 3) + (backend === 0 ? total % 3 : 0);
  const failed = part(CALLS + retries - ok);
  return anAttemptCell(phase, `b${backend}`, {
    first: part(CALLS) + part(opened),
    retries: part(retries),
    byCode: { OK: part(ok), ...(failed === 0 ? {} : { UNAVAILABLE: failed }) },
    latency: durationsOf([5, part(CALLS + retries)]),
  });
}

function streamCell(phase: string): StreamCell {
  return {
    load: 'chat',
    phase,
    messagesOffered: 20,
    messagesSent: 20,
    messagesMissed: 0,
    messagesReceived: 180,
    messageLatency: durationsOf([2, 180]),
    writeStallNs: 1_500_000,
    bufferedBytesMax: 4096,
  };
}

/** As the workers' lines have it, but for one attempt that `no-retry` lost on the way to b1. */
function targetLine(variant: string, index: number, backend: number): TargetLine {
  const cells = WORKERS.map((worker) => loadLine(variant, index, worker).attempts[backend]);
  const sum = (pick: (cell: AttemptCell) => number) =>
    cells.reduce((total, cell) => total + (cell === undefined ? 0 : pick(cell)), 0);
  const lost = variant === 'no-retry' && index === 6 && backend === 1 ? 1 : 0;
  const first = sum((cell) => cell.first) - lost;
  const retries = sum((cell) => cell.retries);
  const hit = sum(({ byCode }) => byCode.UNAVAILABLE ?? 0);
  const hitFirst = Math.min(hit, first >> 1);
  const counted = {
    [FAULT]: {
      seen: first + retries,
      hit,
      hitFirst,
      hitFirstSum: 77 * (index + backend),
      seenFirst: first,
    },
  };
  return aTargetLine(variant, `b${backend}`, index, {
    receivedByPreviousAttempts: retries === 0 ? { '0': first } : { '0': first, '1': retries },
    wasted: phaseOf(index) === 'storm' ? 1 : 0,
    servedNs: phaseOf(index) === 'storm' ? 8_000_000 : 0,
    wastedNs: phaseOf(index) === 'storm' ? 2_000_000 : 0,
    faults: phaseOf(index) === 'storm' ? counted : {},
  });
}

function* variantLines(variant: string, zeroUnixMs: number): Generator<RecordLine> {
  yield aVariantLine(variant, zeroUnixMs);
  for (let index = 0; index < INTERVALS; index++) {
    for (const worker of WORKERS) yield loadLine(variant, index, worker);
    for (const backend of BACKENDS.keys()) yield targetLine(variant, index, backend);
  }
  const event = { type: 'event', variant, subject: FAULT } as const;
  const detail = 'rpc-abort began on b0, b1, b2';
  yield { ...event, atNs: 5_000_400_000, plannedNs: 5e9, kind: 'fault.start', detail };
  yield {
    ...event,
    atNs: 9_000_300_000,
    plannedNs: 9e9,
    kind: 'fault.end',
    detail: 'rpc-abort ended',
  };
  yield aVariantEnd(variant, INTERVALS);
}

/** Every line of the run's record, in order. */
export function* syntheticRecord(): Generator<RecordLine> {
  yield aRunLine({ id: '20261122T101500Z-retry-storm', scenario: 'retry-storm' });
  yield* variantLines('no-retry', ZERO_UNIX_MS);
  yield* variantLines('retry', ZERO_UNIX_MS + 16_000);
}
