/** A real fleet of backend processes for tests, with everything it recorded at hand. */
import { monotonicNowNs } from '../../src/base/clock.js';
import type { FaultWindow } from '../../src/faults/fault.js';
import { faults as catalogue } from '../../src/faults/index.js';
import type { EventLine, RecordLine, TargetCounts } from '../../src/metrics/record.js';
import { type Fleet, type FleetOptions, startFleet } from '../../src/targets/fleet.js';
import type { BackendSpec, ServerKind } from '../../src/targets/spec.js';
import { startTarget } from '../../src/targets/target-server.js';

export interface TestFleet extends Fleet {
  /** Address of the first backend. */
  readonly address: string;
  readonly lines: readonly RecordLine[];
  /** Backends that were lost, with the reason. */
  readonly lost: readonly { readonly backend: string; readonly reason: string }[];
  events(kind: EventLine['kind']): EventLine[];
  /** Counts of a backend over all intervals so far, added up; histograms left out. */
  totals(backend?: string): Totals;
}

export type Totals = Omit<TargetCounts, 'queueTime'>;

export interface TestFleetOptions extends Partial<FleetOptions> {
  /** What serves on backends that do not say so themselves. */
  readonly server?: ServerKind;
}

/** One backend without faults, unless told otherwise. `begin` is the test's to call. */
export async function startTestFleet({
  server = 'grpc-js',
  specs = [{ name: 'b0', port: 0 }],
  ...options
}: TestFleetOptions = {}): Promise<TestFleet> {
  const lines: RecordLine[] = [];
  const lost: { backend: string; reason: string }[] = [];
  const fleet = await startFleet({
    specs: specs.map((spec) => ({ server, ...spec })),
    variant: 'test',
    seed: 7,
    faults: [],
    intervalNs: 1e9,
    sink: { write: (line) => void lines.push(line) },
    onLost: (backend, reason) => void lost.push({ backend, reason }),
    ...options,
  });
  return {
    ...fleet,
    address: fleet.backends[0]?.address ?? '',
    lost,
    ...readers(lines),
  };
}

/**
 * The same with one backend in the test's own process: most of a second less than one of its own, for
 * tests that need no process.
 */
export async function startTestHost({
  server = 'grpc-js',
  specs = [{ name: 'b0', port: 0 }],
  ...options
}: TestFleetOptions = {}): Promise<TestFleet> {
  const lines: RecordLine[] = [];
  const [spec] = specs as readonly [BackendSpec];
  const { name } = spec;
  const { seed = 7, faults = [], intervalNs = 1e9 } = options;
  const config = { backend: { server, ...spec }, seed, faults, intervalNs };
  const target = await startTarget(config, {
    snapshot: (snapshot) =>
      lines.push({ type: 'target', variant: 'test', backend: name, ...snapshot }),
    event: (event) => lines.push({ type: 'event', variant: 'test', ...event }),
  });
  const address = `127.0.0.1:${target.port}`;
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) target.stop();
    isStopped = true;
  };
  return {
    address,
    backends: [{ name, address, pid: process.pid }],
    behind: [],
    tls: undefined,
    lost: [],
    begin: (zeroNs) => target.begin(zeroNs, 0, {}),
    stop,
    [Symbol.asyncDispose]: stop,
    ...readers(lines),
  };
}

function readers(lines: readonly RecordLine[]): Pick<TestFleet, 'lines' | 'events' | 'totals'> {
  return {
    lines,
    events: (kind) =>
      lines.filter((line): line is EventLine => line.type === 'event' && line.kind === kind),
    totals: (backend = 'b0') =>
      lines.reduce<Totals>(
        (sum, line) =>
          line.type === 'target' && line.backend === backend ? added(sum, line.counts) : sum,
        NOTHING,
      ),
  };
}

/** A fault window with its options as scenario files write them, over all of the load clock. */
export function faultWindow(
  kind: keyof typeof catalogue,
  options: object,
  changes: Partial<FaultWindow> = {},
): FaultWindow {
  return {
    id: `storm/${kind}`,
    kind,
    phase: 'storm',
    fromNs: 0,
    toNs: 3_600e9,
    options: catalogue[kind].schema.parse(options),
    ...changes,
  };
}

/** Begins now. */
export function beginNow(fleet: Fleet): void {
  fleet.begin(monotonicNowNs());
}

const NOTHING: Totals = {
  receivedByPreviousAttempts: {},
  answeredByCode: {},
  cancelled: 0,
  shed: 0,
  wasted: 0,
  busyNs: 0,
  servedNs: 0,
  wastedNs: 0,
  queueLengthMax: 0,
  messagesReceived: 0,
  messagesDelivered: 0,
  healthChecks: 0,
  healthWatchers: 0,
  faults: {},
};

function added(sum: Totals, { queueTime: _, ...counts }: TargetCounts): Totals {
  const plain = Object.entries(counts).flatMap(([key, value]) =>
    typeof value === 'number' ? [[key, value + Number(sum[key as keyof Totals] ?? 0)]] : [],
  );
  const faults = { ...sum.faults };
  for (const [id, count] of Object.entries(counts.faults)) {
    const before = faults[id] ?? { seen: 0, hit: 0, seenFirst: 0, hitFirst: 0, hitFirstSum: 0 };
    faults[id] = {
      ...addedMaps({ ...before }, { ...count }),
      hitFirstSum: (before.hitFirstSum + count.hitFirstSum) >>> 0,
    } as typeof count;
  }
  return {
    ...counts,
    ...Object.fromEntries(plain),
    queueLengthMax: Math.max(sum.queueLengthMax, counts.queueLengthMax),
    receivedByPreviousAttempts: addedMaps(
      sum.receivedByPreviousAttempts,
      counts.receivedByPreviousAttempts,
    ),
    answeredByCode: addedMaps(sum.answeredByCode, counts.answeredByCode),
    faults,
  };
}

function addedMaps(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [key, count] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}
