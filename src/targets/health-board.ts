/**
 * What the server says of its health, and what faults say in its place.
 *
 * Each service has a status of its own. Faults lay overrides over it; of several on one service the
 * latest laid counts, and each can be taken away in any order.
 */
import type { ServingStatus } from '../faults/fault.js';

export interface HealthBoard {
  /** What counts now; undefined for a service that is not known. */
  statusOf(service: string): ServingStatus | undefined;
  /** Lays an override over a service's status; the returned function takes it away, once. */
  override(service: string, status: ServingStatus): () => void;
  /** Calls `heard` on every change of a service's status from now on; returns a stop. */
  watch(service: string, heard: () => void): () => void;
}

/**
 * @param services names of the services that are known, all SERVING; "" is the whole server.
 * @param onChange told of every change of what counts; the status is undefined when a service that
 *   only an override had made known is unknown again.
 */
export function createHealthBoard(
  services: readonly string[],
  onChange: (service: string, status: ServingStatus | undefined) => void,
): HealthBoard {
  const overrides: { readonly service: string; readonly status: ServingStatus }[] = [];
  const watchers = new Map<string, Set<() => void>>();

  const statusOf = (service: string): ServingStatus | undefined =>
    overrides.findLast((override) => override.service === service)?.status ??
    (services.includes(service) ? 'SERVING' : undefined);

  /** Does something that may change a service's status, and tells whoever wants to know. */
  const changing = (service: string, change: () => void) => {
    const before = statusOf(service);
    change();
    const after = statusOf(service);
    if (after === before) return;
    onChange(service, after);
    for (const heard of watchers.get(service) ?? []) heard();
  };

  return {
    statusOf,
    override(service, status) {
      const override = { service, status };
      changing(service, () => overrides.push(override));
      return () => {
        const index = overrides.indexOf(override);
        if (index !== -1) changing(service, () => overrides.splice(index, 1));
      };
    },
    watch(service, heard) {
      const listeners = watchers.get(service) ?? new Set();
      watchers.set(service, listeners.add(heard));
      return () => {
        if (listeners.delete(heard) && listeners.size === 0) watchers.delete(service);
      };
    },
  };
}
