/**
 * The health of a fleet as a client sees it: one Watch for each backend and name, kept by the
 * conductor, and every change of it in the record with its time on the load clock.
 *
 * The conductor and not the workers: its thread has the least to do, so what it sees is late by
 * little; and one view per backend is enough, since Watch tells all clients the same.
 */
import { monotonicNowNs } from '../base/clock.js';
import type { ServingStatus } from '../base/serving-status.js';
import { keepaliveOptions } from '../drivers/keepalive-schema.js';
import type { ClientSpec } from '../drivers/spec.js';
import type { RecordSink } from '../metrics/record.js';
import type { Endpoint } from '../proxy/variant-proxy.js';
import { watchHealth } from '../targets/health-watcher.js';

export interface HealthViewOptions {
  /** As clients reach them. */
  readonly backends: readonly Endpoint[];
  readonly client: ClientSpec;
  /** Name of the variant, for the record. */
  readonly variant: string;
  readonly sink: RecordSink;
}

export interface HealthView extends Disposable {
  /**
   * Starts recording on the load clock, with what was seen so far, at times before its zero.
   * @param zeroNs its zero on the monotonic clock; may lie ahead. Called once.
   */
  begin(zeroNs: number): void;
  /** Watches no more. Idempotent. */
  [Symbol.dispose](): void;
}

/** Starts watching; does nothing where the client watches nothing. */
export function startHealthView(options: HealthViewOptions): HealthView {
  const { backends, client, variant, sink } = options;
  const services = client.watchHealth ?? [];
  /** What is to be recorded once the load clock has a zero. */
  const early: (() => void)[] = [];
  let zeroNs: number | undefined;

  const record = (backend: string, service: string, from: ServingStatus, to: ServingStatus) => {
    return (why: string, seenNs: number) =>
      sink.write({
        type: 'event',
        variant,
        atNs: seenNs - (zeroNs ?? seenNs),
        kind: 'health.seen',
        detail: `${backend}: service "${service}" seen ${to} after ${from} (${why})`,
        subject: backend,
        health: { services: [service], from, to },
      });
  };
  const watching = (services.length === 0 ? [] : backends).map(({ name, address }) => {
    const seen = new Map<string, ServingStatus>();
    return watchHealth({
      address,
      tls: client.tls,
      services,
      channelOptions: { ...keepaliveOptions(client.keepalive), ...client.channelOptions },
      onChange(service, to, why) {
        const seenNs = monotonicNowNs();
        const write = record(name, service, seen.get(service) ?? 'UNKNOWN', to);
        seen.set(service, to);
        if (zeroNs === undefined) early.push(() => write(why, seenNs));
        else write(why, seenNs);
      },
    });
  });
  return {
    begin(atNs) {
      zeroNs = atNs;
      for (const write of early.splice(0)) write();
    },
    [Symbol.dispose]() {
      for (const stop of watching.splice(0)) stop();
    },
  };
}
