/**
 * What faults make of the health that passes through a proxy: statuses in place of the server's, by
 * service, and Watch streams that are told nothing or are ended. Of several the latest laid counts.
 */

import type { ServingStatus } from '../base/serving-status.js';
import type { FaultHost, WatchEffect } from '../faults/fault.js';
import { serviceOfMethod } from '../targets/health-names.js';

interface Laid<What> {
  readonly service: string | undefined;
  readonly what: What;
}

export class HealthOverrides implements Pick<FaultHost, 'overrideHealth' | 'overrideWatch'> {
  readonly #statuses: Laid<ServingStatus>[] = [];
  readonly #effects: Laid<WatchEffect>[] = [];
  readonly #heard = new Set<() => void>();

  overrideHealth(service: string, status: ServingStatus): () => void {
    return this.#lay(this.#statuses, { service, what: status });
  }

  overrideWatch(effect: WatchEffect, service?: string): () => void {
    return this.#lay(this.#effects, { service, what: effect });
  }

  /** What a name is said to be, if not what the server says; a method follows its service. */
  statusOf(name: string): ServingStatus | undefined {
    const of = (wanted: string | undefined) =>
      this.#statuses.findLast(({ service }) => service === wanted)?.what;
    return of(name) ?? of(serviceOfMethod(name));
  }

  /** What becomes of the Watch of a service. */
  watchEffectOf(service: string): WatchEffect | undefined {
    return this.#effects.findLast((laid) => (laid.service ?? service) === service)?.what;
  }

  /** Calls `heard` after every change; returns a stop. */
  onChange(heard: () => void): () => void {
    this.#heard.add(heard);
    return () => void this.#heard.delete(heard);
  }

  #lay<What>(pile: Laid<What>[], laid: Laid<What>): () => void {
    pile.push(laid);
    this.#tell();
    return () => {
      const at = pile.indexOf(laid);
      if (at === -1) return;
      pile.splice(at, 1);
      this.#tell();
    };
  }

  #tell(): void {
    for (const heard of [...this.#heard]) heard();
  }
}
