/**
 * The fleet: all backends of a variant, each in a process of its own, and what they report written
 * to the run's record.
 */
import { monotonicNowNs } from '../base/clock.js';
import { type Mistake, UserError } from '../base/errors.js';
import type { FaultWindow } from '../faults/fault.js';
import { callLogLine } from '../metrics/call-log.js';
import type { RecordSink } from '../metrics/record.js';
import { BackendProcess } from './backend-process.js';
import { createCertificate } from './certificate.js';
import type { FromTarget } from './protocol.js';
import { createSocketFolder } from './socket-folder.js';
import type { BackendSpec } from './spec.js';

/** A backend that listens. */
export interface Backend {
  readonly name: string;
  /** `127.0.0.1:port`, or `unix:/path` */
  readonly address: string;
  readonly pid: number;
}

export interface FleetOptions {
  readonly specs: readonly BackendSpec[];
  /** Name of the variant, for the record. */
  readonly variant: string;
  readonly seed: number;
  /** All of the variant's faults; each backend plays its own. */
  readonly faults: readonly FaultWindow[];
  /** Length of a reporting interval. */
  readonly intervalNs: number;
  readonly sink: RecordSink;
  /** Modules that interceptors of the backends may come from. */
  readonly interceptorModules?: readonly string[];
  /** A backend died without being told to; called once for each, and never after `stop`. */
  readonly onLost: (backend: string, reason: string) => void;
}

export interface Fleet extends AsyncDisposable {
  readonly backends: readonly Backend[];
  /** What clients have to trust, in PEM, where backends serve over TLS. */
  readonly certificate: string | undefined;
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
  const processes = specs.map(
    (spec) => new BackendProcess(spec.name, (message) => record.heard(spec.name, message)),
  );
  const ways = createWays(specs);
  const ports = await Promise.allSettled(
    processes.map((process, index) => {
      const backend = specs[index] as BackendSpec;
      const common = { backend, seed, faults, intervalNs, interceptorModules };
      return process.listen({ ...common, ...ways.of(backend, index) });
    }),
  );
  const failures = ports.flatMap((port) => (port.status === 'rejected' ? [port.reason] : []));
  if (failures.length > 0) {
    await Promise.all(processes.map((process) => process.kill()));
    ways.remove();
    throw worst(failures);
  }
  const backends = processes.map(({ name, pid }, index): Backend => {
    const port = ports[index];
    const { socketPath } = ways.of(specs[index] as BackendSpec, index);
    const onPort = `127.0.0.1:${port?.status === 'fulfilled' ? port.value : 0}`;
    return { name, pid, address: socketPath === undefined ? onPort : `unix:${socketPath}` };
  });

  let isStopping = false;
  let stopped: Promise<void> | undefined;
  for (const { name, gone } of processes) {
    void gone.then((reason) => {
      if (isStopping) return;
      record.died(name, reason);
      options.onLost(name, reason);
    });
  }
  const endAll = async (end: (process: BackendProcess) => Promise<void>) => {
    isStopping = true;
    await Promise.all(processes.map(end));
    ways.remove();
  };
  return {
    backends,
    certificate: ways.certificate?.cert,
    begin(zeroNs) {
      record.begin(zeroNs);
      const peers = Object.fromEntries(backends.map(({ name, address }) => [name, address]));
      for (const process of processes) process.send({ type: 'begin', zeroNs, peers });
    },
    stop() {
      stopped ??= endAll((process) => process.stop());
      return stopped;
    },
    [Symbol.asyncDispose]: () => endAll((process) => process.kill()),
  };
}

/** How backends are reached, as far as it is not a port in cleartext; made only when asked for. */
function createWays(specs: readonly BackendSpec[]) {
  const folder = specs.some(({ socket }) => socket === 'unix') ? createSocketFolder() : undefined;
  const certificate = specs.some(({ tls }) => tls === true) ? createCertificate() : undefined;
  return {
    certificate,
    of: ({ socket, tls }: BackendSpec, index: number) => ({
      ...(socket === 'unix' && folder && { socketPath: folder.pathOf(index) }),
      ...(tls === true && certificate && { certificate }),
    }),
    remove: () => folder?.remove(),
  };
}

/** Writes what backends say as lines of the record. */
function recorder({ variant, sink }: FleetOptions) {
  let zeroNs: number | undefined;
  return {
    begin(atNs: number) {
      zeroNs = atNs;
    },
    heard(backend: string, message: FromTarget) {
      if (message.type === 'snapshot') {
        sink.write({ type: 'target', variant, backend, ...message.snapshot });
      } else if (message.type === 'event') {
        sink.write({ type: 'event', variant, ...message.event });
      } else if (message.type === 'log') {
        const from = { variant, side: 'server', by: backend, zeroNs: zeroNs ?? 0 } as const;
        sink.log?.(message.calls.map((call) => callLogLine(call, from)));
      }
    },
    died(backend: string, reason: string) {
      // Before the load clock has a zero, its time is 0.
      const atNs = zeroNs === undefined ? 0 : monotonicNowNs() - zeroNs;
      const detail = `backend ${backend} ${reason}`;
      sink.write({ type: 'event', variant, atNs, kind: 'backend.died', detail, subject: backend });
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
