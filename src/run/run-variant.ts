/**
 * One variant, from starting its targets to taking everything down again.
 *
 *     start ground ──► start workers ──► begin: one zero for all ──► … ──► workers end ──► ground stops
 *         │                 │                 │
 *         └── backends and  └── each thread   └── faults, load, phases and snapshots run on this clock
 *             proxy, each       connected
 *             in a process
 *
 * Whatever happens on the way (a backend dies, a worker crashes, the user interrupts), the load is
 * asked to end, what was measured is written, and no process or thread is left.
 */
import { callAt, loadClock, monotonicNowNs, NS_PER_MS } from '../base/clock.js';
import type { ReadNamedFile } from '../base/named-file.js';
import type { ClientSpec } from '../drivers/spec.js';
import { callLogLine } from '../metrics/call-log.js';
import type { EventKind, RecordSink } from '../metrics/record.js';
import type { Plan, VariantPlan } from '../scenarios/plan.js';
import { isOfDiscovery } from '../workers/client-discovery.js';
import { startWorkerPool, type WorkerPool } from '../workers/pool.js';
import type { Place, ShardTask } from '../workers/protocol.js';
import { describeLoss } from './describe-loss.js';
import { type HealthView, startHealthView } from './health-view.js';
import { requireHealth } from './require-health.js';
import { type Ground, startGround } from './start-ground.js';

/** Time for `begin` to reach every process and thread before the clock passes zero. */
const BEGIN_LEAD_NS = 50 * NS_PER_MS;

export interface VariantOptions {
  readonly plan: Plan;
  readonly variant: VariantPlan;
  readonly sink: RecordSink;
  /** Modules that interceptors may come from: absolute paths. */
  readonly interceptorModules?: readonly string[];
  /** Reads the files that the scenario names; needed where the plan has any left to read. */
  readonly readFile?: ReadNamedFile | undefined;
  /** Aborted when the user wants the run to end; what was measured is kept. */
  readonly interrupted: AbortSignal;
}

/** Why a variant ended: as planned, or the sentence that says why it did not. */
export type VariantEnd = { readonly complete: true } | { readonly complete: false; reason: string };

/** Why a variant is cut short, and the event that is recorded for it, if nobody else records one. */
interface Cut {
  readonly reason: string;
  readonly kind?: 'interrupted' | 'worker.crashed';
}

/**
 * @throws UserError when a target's port is taken; RunError when targets or workers cannot start.
 */
export async function runVariant(options: VariantOptions): Promise<VariantEnd> {
  const { plan, variant, sink, interrupted, interceptorModules = [], readFile } = options;
  const cutShort = new AbortController();
  /** Told when the load clock begins. */
  const clock = { zeroNs: 0 };
  const cut = (why: Cut) => cutShort.abort(why);
  const onInterrupt = () => cut({ kind: 'interrupted', reason: 'interrupted by the user' });
  interrupted.addEventListener('abort', onInterrupt, { once: true });
  try {
    await using ground = await startGround({
      ...{ plan, variant, sink, interceptorModules, readFile },
      onLost: (reason) => cut({ reason }),
    });
    await requireHealth(variant, ground.endpoints, ground.clientTls);
    using view = startHealthView({
      backends: ground.endpoints,
      client: clientOf(variant, ground),
      variant: variant.name,
      sink,
    });
    await using pool = await startWorkerPool({
      tasks: shardTasks(plan, variant, ground, interceptorModules),
      onSnapshot(worker, snapshot) {
        sink.write({ type: 'load', variant: variant.name, worker, ...snapshot });
      },
      onConnectionLost(worker, { atNs, ...lost }) {
        const detail = describeLoss(worker, lost, ground.endpoints);
        const kind = 'connection.lost';
        sink.write({ type: 'event', variant: variant.name, atNs, kind, detail });
      },
      onEvent: (event) => sink.write({ type: 'event', variant: variant.name, ...event }),
      onLog(worker, calls) {
        const by = `worker ${worker}`;
        const from = { variant: variant.name, side: 'client', by, zeroNs: clock.zeroNs } as const;
        sink.log?.(calls.map((call) => callLogLine(call, from)));
      },
      onCrash: (worker, reason) =>
        cut({ kind: 'worker.crashed', reason: `worker ${worker} crashed: ${reason}` }),
    });
    return await play(options, { ground, view, pool }, cutShort.signal, clock);
  } finally {
    interrupted.removeEventListener('abort', onInterrupt);
  }
}

/** What takes part in a variant, all started. */
interface Cast {
  readonly ground: Ground;
  readonly view: HealthView;
  readonly pool: WorkerPool;
}

/** Starts the load clock, waits for the workers, and stops the targets. */
async function play(
  { variant, sink }: VariantOptions,
  { ground, view, pool }: Cast,
  cutShort: AbortSignal,
  clock: { zeroNs: number },
): Promise<VariantEnd> {
  const zeroNs = monotonicNowNs() + BEGIN_LEAD_NS;
  clock.zeroNs = zeroNs;
  const now = loadClock(zeroNs);
  const event = (kind: EventKind, detail: string, plannedNs?: number) =>
    sink.write({
      type: 'event',
      variant: variant.name,
      atNs: now(),
      kind,
      detail,
      ...(plannedNs === undefined ? {} : { plannedNs }),
    });
  sink.write({
    type: 'variant',
    variant: variant.name,
    zeroUnixMs: Date.now() + BEGIN_LEAD_NS / NS_PER_MS,
    backends: ground.backends,
    ...oneForAll(variant, ground),
  });
  const onCut = () => {
    const { kind, reason } = cutShort.reason as Cut;
    if (kind !== undefined) event(kind, reason);
    pool.stop();
  };
  if (cutShort.aborted) onCut();
  else cutShort.addEventListener('abort', onCut, { once: true });

  view.begin(zeroNs);
  ground.begin(zeroNs);
  pool.begin(zeroNs);
  const phaseTimers = variant.phases.map(({ name, fromNs }) =>
    callAt(fromNs, () => event('phase.start', `phase ${name} began`, fromNs), now),
  );
  try {
    // A crash has been told to `onCrash` already, which cut the variant short.
    await pool.finished.catch(() => {});
  } finally {
    for (const cancel of phaseTimers) cancel();
  }
  // Before the backends go: that they do is no finding.
  view[Symbol.dispose]();
  await ground.stop();
  const end: VariantEnd = cutShort.aborted
    ? { complete: false, reason: (cutShort.reason as Cut).reason }
    : { complete: true };
  sink.write({ type: 'variant-end', variant: variant.name, atNs: now(), ...end });
  return end;
}

/** The one address that clients know, where a proxy has one for all backends. */
function oneForAll({ proxy }: VariantPlan, { endpoints: [first] }: Ground) {
  if (proxy?.balance === undefined || first === undefined) return {};
  return { proxy: { address: first.address } };
}

/** The variant's client, with the trust that its targets need. */
function clientOf({ client }: VariantPlan, { clientTls }: Ground): ClientSpec {
  return clientTls === undefined ? client : { ...client, tls: clientTls };
}

function placeOf(name: string, { backends }: VariantPlan): Place {
  const zone = backends.find((backend) => backend.name === name)?.zone;
  return { name, ...(zone === undefined ? {} : { zone }) };
}

function shardTasks(
  plan: Plan,
  variant: VariantPlan,
  ground: Ground,
  interceptorModules: readonly string[],
): ShardTask[] {
  const faults = variant.faults.filter(isOfDiscovery);
  const discovery = { backends: ground.endpoints.map(({ name }) => name), faults };
  return Array.from({ length: plan.workers }, (_, worker) => ({
    worker,
    workers: plan.workers,
    seed: plan.seed,
    intervalNs: plan.intervalNs,
    pacing: variant.pacing,
    durationNs: variant.durationNs,
    phases: variant.phases,
    loads: variant.loads,
    ...(variant.sampleShare === undefined ? {} : { sampleShare: variant.sampleShare }),
    client: clientOf(variant, ground),
    addresses: ground.endpoints.map(({ address }) => address),
    places: ground.endpoints.map(({ name }) => placeOf(name, variant)),
    interceptorModules,
    ...(faults.length === 0 ? {} : { discovery }),
  }));
}
