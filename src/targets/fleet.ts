/**
 * The fleet: all backends of a variant, each in a process of its own, and what they report written
 * to the run's record.
 */
import { monotonicNowNs } from '../base/clock.js';
import { type Mistake, UserError } from '../base/errors.js';
import { type ReadNamedFile, readNamedFile } from '../base/named-file.js';
import type { ClientTls } from '../drivers/spec.js';
import type { ClientTlsFiles } from '../drivers/tls-schema.js';
import type { FaultWindow } from '../faults/fault.js';
import { callLogLine } from '../metrics/call-log.js';
import type { EventKind, RecordSink } from '../metrics/record.js';
import { BackendProcess } from './backend-process.js';
import { createFleetTls } from './fleet-tls.js';
import { playProcessFaults } from './process-faults.js';
import type { FromTarget, TargetConfig, TargetEvent } from './protocol.js';
import { createSocketFolder } from './socket-folder.js';
import type { BackendSpec } from './spec.js';
import { SupervisedBackend } from './supervised-backend.js';

/** A backend that listens. */
export interface Backend {
  readonly name: string;
  /** `127.0.0.1:port`, or `unix:/path` */
  readonly address: string;
  /** Of its process; a fault may put another in its place, or end it. */
  readonly pid: number;
}

export interface FleetOptions {
  readonly specs: readonly BackendSpec[];
  /** Name of the variant, for the record. */
  readonly variant: string;
  readonly seed: number;
  /** All of the variant's; backends play their own, but for those that act on their processes. */
  readonly faults: readonly FaultWindow[];
  /** Length of a reporting interval. */
  readonly intervalNs: number;
  readonly sink: RecordSink;
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
  readonly backends: readonly Backend[];
  /** How clients speak with backends that serve over TLS; undefined: in cleartext. */
  readonly clientTls: ClientTls | undefined;
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
 * Starts all backends at once and waits until every one listens. When one cannot, all are ended.
 * @throws UserError with a mistake for each port that cannot be bound.
 * @throws RunError when a backend does not come up within 10 s.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { specs, seed, faults, intervalNs, interceptorModules = [] } = options;
  const record = recorder(options);
  const ways = createWays(options);
  const configs = specs.map(
    (backend, index): TargetConfig => ({
      ...{ backend, seed, faults, intervalNs, interceptorModules },
      ...ways.of(backend, index),
    }),
  );
  const processes = specs.map(
    (spec) => new BackendProcess(spec.name, (message) => record.heard(spec.name, message)),
  );
  const listening = await Promise.allSettled(
    processes.map((process, index) => process.listen(configs[index] as TargetConfig)),
  );
  const failures = listening.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failures.length > 0) {
    await Promise.all(processes.map((process) => process.kill()));
    ways.remove();
    throw worst(failures);
  }
  const ports = listening.map((one) => (one.status === 'fulfilled' ? one.value : 0));
  const supervised = processes.map(
    (process, index) =>
      new SupervisedBackend({
        process,
        config: onPort(configs[index] as TargetConfig, ports[index] ?? 0),
        onMessage: (message) => record.heard(process.name, message),
        onEvent: (kind, detail) => record.happened(process.name, kind, detail),
        onLost(reason) {
          record.happened(process.name, 'backend.died', `backend ${process.name} ${reason}`);
          options.onLost(process.name, reason);
        },
      }),
  );
  const backends = supervised.map((backend, index): Backend => {
    const { socketPath } = configs[index] as TargetConfig;
    const address = socketPath === undefined ? `127.0.0.1:${ports[index]}` : `unix:${socketPath}`;
    return {
      name: backend.name,
      address,
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
    backends,
    clientTls: ways.tls?.client,
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

/** How backends are reached, as far as it is not a port in cleartext; made only when asked for. */
function createWays({ specs, clientTls = {}, readFile = readNamedFile }: FleetOptions) {
  const folder = specs.some(({ socket }) => socket === 'unix') ? createSocketFolder() : undefined;
  // All backends serve alike.
  const asked = specs.find((spec) => spec.tls !== undefined)?.tls;
  const tls = asked === undefined ? undefined : createFleetTls(asked, clientTls, readFile);
  return {
    tls,
    of: (spec: BackendSpec, index: number) => ({
      ...(spec.socket === 'unix' && folder && { socketPath: folder.pathOf(index) }),
      ...(spec.tls !== undefined &&
        tls !== undefined && { certificate: tls.server, peerTls: tls.client }),
    }),
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
