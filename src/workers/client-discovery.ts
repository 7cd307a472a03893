/**
 * What name resolution tells a worker's clients, with the discovery faults of the plan played on it: in
 * every worker, on the load clock that all share, with the same draws, so that all of them are told the
 * same at the same time.
 *
 * Beginnings come before ends of the same moment: where one fault follows another, clients are not told
 * for an instant what is true without either, and a stale answer keeps what was said until then.
 */
import { entryOf } from '../base/catalogue.js';
import { callAt, loadClock, monotonicNowNs } from '../base/clock.js';
import { DueQueue } from '../base/due-queue.js';
import { createRng } from '../base/rng.js';
import { statusName } from '../base/status.js';
import { Discovery, type Resolution } from '../drivers/discovery.js';
import type { FaultKind, FaultWindow } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { DiscoveryCounts, DiscoverySaid, EventLine } from '../metrics/record.js';
import { playFaults } from '../targets/fault-timeline.js';

/** Whether a fault acts on what name resolution says. */
export function isOfDiscovery({ kind }: FaultWindow): boolean {
  return entryOf<FaultKind>(faults, kind).acts === 'discovery';
}

/** What a worker needs to know for it. */
export interface DiscoveryTask {
  /** Names of all backends, in the order of their addresses. */
  readonly backends: readonly string[];
  /** Those of the variant that act on discovery; at least one. */
  readonly faults: readonly FaultWindow[];
}

/** An event, without what the conductor knows better. */
export type WorkerEvent = Omit<EventLine, 'type' | 'variant'>;

export interface ClientDiscoveryOptions extends DiscoveryTask {
  readonly worker: number;
  readonly seed: number;
  readonly addresses: readonly string[];
}

export class ClientDiscovery implements Disposable {
  /** For the driver. */
  readonly discovery: Discovery;
  readonly #options: ClientDiscoveryOptions;
  #stop = () => {};
  #onSaid: (said: Resolution) => void = () => {};

  constructor(options: ClientDiscoveryOptions) {
    this.#options = options;
    const { backends, addresses } = options;
    this.discovery = new Discovery({
      backends: addresses.map((address, index) => ({ name: backends[index] ?? address, address })),
      after: (ns, fire) => callAt(monotonicNowNs() + ns, fire),
      onSaid: (said) => this.#onSaid(said),
    });
  }

  /**
   * Starts playing, and telling of what is said from now on. Called once.
   * @param zeroNs the load clock's zero on the monotonic clock.
   */
  begin(zeroNs: number, post: (event: WorkerEvent) => void): void {
    const { worker, faults: windows } = this.#options;
    const who = `worker ${worker}`;
    const now = loadClock(zeroNs);
    const queue = new DueQueue(now);
    this.#onSaid = (said) => post(eventOf(said, worker, now()));
    // Whatever connecting took.
    this.discovery.takeCounts();
    const stop = playFaults({
      windows,
      backend: who,
      now,
      callAt(atNs, fire) {
        let isWanted = true;
        queue.at(atNs, () => {
          if (isWanted) fire();
        });
        return () => {
          isWanted = false;
        };
      },
      act: (window, { after }) => this.#start(window, after),
      post,
    });
    this.#stop = () => {
      stop();
      queue.clear();
    };
  }

  takeCounts(): DiscoveryCounts {
    return this.discovery.takeCounts();
  }

  [Symbol.dispose](): void {
    this.#stop();
    this.discovery[Symbol.dispose]();
  }

  #start(window: FaultWindow, after: (ns: number, fire: () => void) => () => void): () => void {
    const fault = entryOf<FaultKind>(faults, window.kind);
    if (fault.acts !== 'discovery') return () => {};
    const { backends: all, seed } = this.#options;
    const backends = window.backends ?? all;
    const { discovery } = this;
    return fault.start(window.options, {
      after,
      backends,
      others: all.filter((name) => !backends.includes(name)),
      random: createRng(seed, window.id),
      name: (names) => discovery.name(names),
      fail: (code, details) => discovery.fail(code, details),
      freeze: (gone) => discovery.freeze(gone),
      slow: (ns) => discovery.slow(ns),
    });
  }
}

function eventOf(said: Resolution, worker: number, atNs: number): WorkerEvent {
  const subject = `worker ${worker}`;
  const told: DiscoverySaid =
    'backends' in said
      ? { backends: said.backends.map(({ name }) => name) }
      : { code: statusName(said.code), details: said.details };
  return {
    atNs,
    kind: 'discovery',
    detail: `${subject}: name resolution says ${describe(told)}`,
    subject,
    discovery: told,
  };
}

/** `b0, b1`, `no addresses`, `NOT_FOUND: no such name` */
function describe(said: DiscoverySaid): string {
  if ('code' in said) return `${said.code}: ${said.details}`;
  return said.backends.length === 0 ? 'no addresses' : said.backends.join(', ');
}
