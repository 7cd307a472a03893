/**
 * The fleet: all backends of a variant, each in a process of its own, and what they report written
 * to the run's record.
 */
import { monotonicNowNs } from '../base/clock.js';
import { type Mistake, UserError } from '../base/errors.js';
import { type ReadNamedFile, readNamedFile } from '../base/named-file.js';
import type { ClientTlsFiles } from '../drivers/tls-schema.js';
import type { FaultWindow } from '../faults/fault.js';
import { callLogLine } from '../metrics/call-log.js';
import type { EventKind, RecordSink } from '../metrics/record.js';
import { BackendProcess } from './backend-process.js';
import { createFleetTls, type FleetTls } from './fleet-tls.js';
import type { NextAddresses } from './next-tier.js';
import { playProcessFaults } from './process-faults.js';
import type { FromTarget, TargetConfig, TargetEvent } from './protocol.js';
import { createSocketFolder } from './socket-folder.js';
import type { BackendSpec } from './spec.js';
import { SupervisedBackend } from './supervised-backend.js';
import { FRONT, type TierPlan, tiersOf } from './tier.js';

/** A backend that listens. */
export interface Backend {
  readonly name: string;
  /** `127.0.0.1:port`, or `unix:/path` */
  readonly address: string;
  /** Of its process; a fault may put another in its place, or end it. */
  readonly pid: number;
}

export interface FleetOptions {
  /** The front tier, which clients call. */
  readonly specs: readonly BackendSpec[];
  /** The tiers behind it, each called by the one before; absent: none. */
  readonly tiers?: readonly TierPlan[];
  /** Name of the variant, for the record. */
  readonly variant: string;
  readonly seed: number;
  /** All of the variant's; backends play their own, but for those that act on their processes. */
  readonly faults: readonly FaultWindow[];
  /** Length of a reporting interval. */
  readonly intervalNs: number;
  readonly sink: RecordSink;
  /** Share of the calls that are written down one by one; none when absent. */
  readonly sampleShare?: number | undefined;
  /** What the variant's client says of TLS. */
  readonly clientTls?: ClientTlsFiles | undefined;
  /** Reads the certificates and keys that specs name; needed where they name any. */
  readonly readFile?: ReadNamedFile | undefined;
  /** Modules that interceptors of the backends may come from. */
  readonly interceptorModules?: readonly string[];
  /**
   * A backend died without being told to, or did not come back; called once for each, and never after
   * `stop`.
   */
  readonly onLost: (backend: string, reason: string) => void;
}

export interface Fleet extends AsyncDisposable {
  /** The front tier's: those that clients know. */
  readonly backends: readonly Backend[];
  /** All others, in the order of their tiers. */
  readonly behind: readonly Backend[];
  /** Between the front tier's backends and their clients; undefined: cleartext. */
  readonly tls: FleetTls | undefined;
  /**
   * Starts the load clock: faults are played on it, and each backend reports once an interval.
   * @param zeroNs its zero on the monotonic clock; may lie ahead. Called once.
   */
  begin(zeroNs: number): void;
  /** Writes the final reports to the sink and ends all processes. Idempotent. */
  stop(): Promise<void>;
  /** Ends whatever is left, without reports. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts all processes at once and waits until every one listens, tier by tier from the last: who calls
 * others has to know where they are. When one cannot, all are ended.
 * @throws UserError with a mistake for each port that cannot be bound.
 * @throws RunError when a backend does not come up within 10 s.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { faults, specs } = options;
  const record = recorder(options);
  const tiers = tiersOf({ backends: specs, ...options });
  const ways = createWays(tiers, options);
  const processes = tiers.flatMap(({ backends }) =>
    backends.map(({ name }) => new BackendProcess(name, (message) => record.heard(name, message))),
  );
  let listening: readonly Listening[];
  try {
    listening = await listenAll(options, tiers, processes, ways);
  } catch (error) {
    await Promise.all(processes.map((process) => process.kill()));
    ways.remove();
    throw error;
  }
  const supervised = listening.map(
    ({ process, config }) =>
      new SupervisedBackend({
        process,
        config,
        onMessage: (message) => record.heard(process.name, message),
        onEvent: (kind, detail) => record.happened(process.name, kind, detail),
        onLost(reason) {
          record.happened(process.name, 'backend.died', `backend ${process.name} ${reason}`);
          options.onLost(process.name, reason);
        },
      }),
  );
  const backends = supervised.map((backend, index): Backend => {
    const { config } = listening[index] as Listening;
    return {
      name: backend.name,
      address: addressOf(config),
      get pid() {
        return backend.pid;
      },
    };
  });
  let stopFaults: (() => void)[] = [];
  let stopped: Promise<void> | undefined;
  const endAll = async (end: (backend: SupervisedBackend) => Promise<void>) => {
    const ended = Promise.all(supervised.map(end));
    for (const stop of stopFaults) stop();
    await ended;
    ways.remove();
  };
  return {
    backends: backends.slice(0, specs.length),
    behind: backends.slice(specs.length),
    tls: ways.tls,
    begin(zeroNs) {
      record.begin(zeroNs);
      const peers = Object.fromEntries(backends.map(({ name, address }) => [name, address]));
      for (const backend of supervised) backend.begin(zeroNs, peers);
      const common = { windows: faults, zeroNs, post: record.told };
      stopFaults = supervised.map((host) =>
        playProcessFaults({ ...common, backend: host.name, host }),
      );
    },
    stop() {
      stopped ??= endAll((backend) => backend.close());
      return stopped;
    },
    [Symbol.asyncDispose]: () => endAll((backend) => backend.kill()),
  };
}

/** A process that listens, and what one that follows it on its port is told. */
interface Listening {
  readonly process: BackendProcess;
  readonly config: TargetConfig;
}

/**
 * Lets the tiers listen, from the last to the first.
 * @param processes of all backends, in the order of the tiers.
 * @returns in the same order.
 * @throws what `startFleet` throws.
 */
async function listenAll(
  { seed, faults, intervalNs, sampleShare = 0, interceptorModules = [] }: FleetOptions,
  tiers: readonly TierPlan[],
  processes: readonly BackendProcess[],
  ways: Ways,
): Promise<Listening[]> {
  const common = { seed, faults, intervalNs, sampleShare, interceptorModules };
  let listening: Listening[] = [];
  let next: NextAddresses | undefined;
  for (const { name: tier, backends } of tiers.toReversed()) {
    const from = processes.length - listening.length - backends.length;
    const started = await Promise.allSettled(
      backends.map(async (backend, index): Promise<Listening> => {
        const process = processes[from + index] as BackendProcess;
        const config = {
          ...{ backend, ...common },
          ...ways.of(backend, from + index),
          ...(tier === FRONT ? {} : { tier }),
          ...(next === undefined ? {} : { next }),
        };
        return { process, config: onPort(config, await process.listen(config)) };
      }),
    );
    const failures = started.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    if (failures.length > 0) throw worst(failures);
    const up = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    listening = [...up, ...listening];
    next = nextAddresses(up.map(({ config }) => config));
  }
  return listening;
}

function addressOf({ backend, socketPath }: TargetConfig): string {
  return socketPath === undefined ? `127.0.0.1:${backend.port}` : `unix:${socketPath}`;
}

/** What a tier has to know of the one behind it. */
function nextAddresses(configs: readonly TargetConfig[]): NextAddresses {
  const tls = configs.find(({ peerTls }) => peerTls)?.peerTls;
  return { addresses: configs.map(addressOf), ...(tls && { tls }) };
}

type Ways = ReturnType<typeof createWays>;

/** How backends are reached, as far as it is not a port in cleartext; made only when asked for. */
function createWays(
  tiers: readonly TierPlan[],
  { clientTls = {}, readFile = readNamedFile }: FleetOptions,
) {
  const all = tiers.flatMap(({ backends }) => backends);
  const folder = all.some(({ socket }) => socket === 'unix') ? createSocketFolder() : undefined;
  const tlsOf = new Map<BackendSpec, FleetTls>();
  for (const [index, { backends }] of tiers.entries()) {
    // All backends of a tier serve alike, and those that call them are all such clients.
    const asked = backends.find((spec) => spec.tls !== undefined)?.tls;
    if (asked === undefined) continue;
    const caller = tiers[index - 1]?.backends[0]?.next?.client;
    const tls = createFleetTls(asked, caller ? (caller.tlsFiles ?? {}) : clientTls, readFile);
    for (const backend of backends) tlsOf.set(backend, tls);
  }
  const front = tiers[0]?.backends ?? [];
  return {
    tls: front.map((backend) => tlsOf.get(backend)).find((tls) => tls !== undefined),
    of(spec: BackendSpec, index: number) {
      const tls = tlsOf.get(spec);
      return {
        ...(spec.socket === 'unix' && folder && { socketPath: folder.pathOf(index) }),
        ...(spec.tls !== undefined && tls && { certificate: tls.server, peerTls: tls.client }),
      };
    },
    remove: () => folder?.remove(),
  };
}

/** What a process that follows another on its port is told. */
function onPort(config: TargetConfig, bound: number): TargetConfig {
  return { ...config, backend: { ...config.backend, port: bound } };
}

/** Writes what backends say, and what is done to them, as lines of the record. */
function recorder({ variant, sink }: FleetOptions) {
  let zeroNs: number | undefined;
  const told = (event: TargetEvent) => sink.write({ type: 'event', variant, ...event });
  return {
    told,
    begin(atNs: number) {
      zeroNs = atNs;
    },
    heard(backend: string, message: FromTarget) {
      if (message.type === 'snapshot') {
        sink.write({ type: 'target', variant, backend, ...message.snapshot });
      } else if (message.type === 'event') told(message.event);
      else if (message.type === 'log') {
        const from = { variant, side: 'server', by: backend, zeroNs: zeroNs ?? 0 } as const;
        sink.log?.(message.calls.map((call) => callLogLine(call, from)));
      }
    },
    happened(backend: string, kind: EventKind, detail: string) {
      // Before the load clock has a zero, its time is 0.
      const atNs = zeroNs === undefined ? 0 : monotonicNowNs() - zeroNs;
      told({ atNs, kind, detail, subject: backend });
    },
  };
}

/** All mistakes of the user in one error, or else the first failure. */
function worst(failures: readonly unknown[]): unknown {
  const mistakes = failures.flatMap((failure): readonly Mistake[] =>
    failure instanceof UserError ? failure.mistakes : [],
  );
  return mistakes.length > 0 ? new UserError(mistakes) : failures[0];
}
