/**
 * What a worker's client does about the health of backends, as events of the record: from when on it
 * sends a backend nothing more, and from when on again. Told once for all connections of the worker,
 * by the first that hears of it.
 *
 * A backend without a health service is told of too: `health-aware` cannot do there what the scenario
 * asks for, and nobody could have known before.
 */
import type { HealthNews } from '../drivers/driver.js';
import type { EarlyEvents } from './early-events.js';

export class ClientHealth {
  readonly #who: string;
  readonly #nameOf: (address: string) => string;
  /** What was told last of each backend that anything was told of. */
  readonly #told = new Map<string, string>();
  readonly #events: EarlyEvents;

  /** @param nameOf the name of the backend at an address. */
  constructor(events: EarlyEvents, worker: number, nameOf: (address: string) => string) {
    this.#events = events;
    this.#who = `worker ${worker}`;
    this.#nameOf = nameOf;
  }

  /** For the driver. */
  readonly onHealth = (address: string, { isHealthy, isWatched, why }: HealthNews): void => {
    const name = this.#nameOf(address);
    const { send, usual } = SAID[isWatched ? (isHealthy ? 'healthy' : 'unhealthy') : 'unwatched'];
    const before = this.#told.get(name) ?? SAID.healthy.send;
    if (send === before) return;
    this.#told.set(name, send);
    const detail = `${this.#who} ${send} ${name}: ${why}${usual}`;
    this.#events.add({ kind: 'client.health', detail, subject: name });
  };
}

const SAID = {
  healthy: { send: 'sends to', usual: '' },
  unhealthy: { send: 'sends nothing new to', usual: '' },
  unwatched: { send: 'takes for healthy', usual: ', so health-aware can do nothing there' },
} as const;
