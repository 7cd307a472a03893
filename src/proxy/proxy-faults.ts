/**
 * The faults of one listener, at work: each is begun and ended at its time, calls are asked about as they
 * come, connections are acted on, and health is changed on its way.
 */
import { entryOf } from '../base/catalogue.js';
import { callAt, type NowNs } from '../base/clock.js';
import type { FaultKind, FaultWindow } from '../faults/fault.js';
import { faults as catalogue } from '../faults/index.js';
import type { FaultCounts } from '../metrics/record.js';
import { type CallFaults, createCallFaults } from '../targets/call-faults.js';
import { type FaultEnd, type FaultStart, playFaults } from '../targets/fault-timeline.js';
import type { TargetEvent } from '../targets/protocol.js';
import { ActingOnConnections } from './acting-on-connections.js';
import type { ByteFaults } from './bytes/byte-faults.js';
import { ConnectionCounts } from './connection-counts.js';
import type { FaultBoard } from './fault-board.js';
import { HealthOverrides } from './health-overrides.js';
import type { Link } from './link.js';

export interface ProxyFaultsOptions {
  readonly seed: number;
  /** Whose faults these are, in what is told of them: a backend's name, or the proxy's. */
  readonly name: string;
  /** The clock that fault times are of. */
  readonly now: NowNs;
  /** It is the load's clock: when calls say they were due can be held against it. Yes unless told. */
  readonly isOnLoadClock?: boolean | undefined;
  /** Carries out the faults on octets. */
  readonly octets: Pick<ByteFaults, 'begin' | 'takeCounts'>;
  /** Told when faults begin and end. */
  readonly post?: (event: TargetEvent) => void;
}

export class ProxyFaults implements FaultBoard {
  readonly calls: CallFaults;
  readonly health = new HealthOverrides();
  readonly now: NowNs;
  readonly isOnLoadClock: boolean;
  /**
   * Number of the next call whose client gives it none: of all connections, or clients that make one call
   * on each would draw the same for all of them.
   */
  foreignCalls = 0;
  readonly #options: ProxyFaultsOptions;
  readonly #played = new Map<string, { readonly window: FaultWindow; readonly stop: () => void }>();
  readonly #links = new Map<Link, number>();
  /** Connection faults that act now, and how each ends on the connections that it hit. */
  readonly #acting = new Set<ActingOnConnections>();
  readonly #connectionCounts: ConnectionCounts;
  #linkCount = 0;

  constructor(options: ProxyFaultsOptions) {
    this.#options = options;
    this.now = options.now;
    this.isOnLoadClock = options.isOnLoadClock ?? true;
    this.calls = createCallFaults([], options.seed);
    this.#connectionCounts = new ConnectionCounts(options.seed);
  }

  get windows(): readonly FaultWindow[] {
    return [...this.#played.values()].map(({ window }) => window);
  }

  add(window: FaultWindow): void {
    const { id, kind } = window;
    if (this.#played.has(id)) throw new RangeError(`there is a fault "${id}" already`);
    const fault = entryOf<FaultKind>(catalogue, kind);
    if (!fault.layers.includes('proxy')) {
      throw new RangeError(`${kind} cannot be put into a proxy`);
    }
    this.calls.add(window);
    const { name, post = () => {} } = this.#options;
    const stop = playFaults({
      windows: [window],
      backend: name,
      now: this.now,
      fromNs: Math.max(this.now(), window.fromNs),
      callAt: (atNs, fire) => callAt(atNs, fire, this.now),
      act: (acting, start) => this.#act(acting, fault, start),
      post,
    });
    this.#played.set(id, { window, stop });
  }

  remove(id: string): boolean {
    const played = this.#played.get(id);
    if (played === undefined) return false;
    this.#played.delete(id);
    played.stop();
    this.calls.end(id);
    this.calls.remove(id);
    return true;
  }

  takeCounts(): Record<string, FaultCounts> {
    return {
      ...this.calls.takeCounts(),
      ...this.#connectionCounts.take(),
      ...this.#options.octets.takeCounts(),
    };
  }

  clear(): void {
    for (const id of [...this.#played.keys()]) this.remove(id);
  }

  /** A client has connected. */
  opened(link: Link): void {
    const number = this.#linkCount++;
    this.#links.set(link, number);
    for (const acting of this.#acting) if (acting.kind.hitsNew) acting.meet(link, number);
  }

  /** It is gone. */
  closed(link: Link): void {
    this.#links.delete(link);
    for (const acting of this.#acting) acting.forget(link);
  }

  #act(window: FaultWindow, fault: FaultKind, start: FaultStart): FaultEnd {
    if (fault.acts === 'call') {
      this.calls.begin(window.id);
      return () => this.calls.end(window.id);
    }
    if (fault.acts === 'connection') {
      const acting = new ActingOnConnections(window, fault, this.now, this.#connectionCounts);
      this.#acting.add(acting);
      for (const [link, number] of this.#links) acting.meet(link, number);
      return () => {
        this.#acting.delete(acting);
        acting.end();
      };
    }
    if (fault.acts === 'bytes') return this.#options.octets.begin(window);
    if (fault.acts !== 'host') return () => {};
    const { health } = this;
    return fault.start(window.options, {
      ...start,
      overrideHealth: (service, status) => health.overrideHealth(service, status),
      overrideWatch: (effect, service) => health.overrideWatch(effect, service),
      // Of a server, and of none that is only passed through: kinds that ask for it are not ours.
      blockLoop: () => {},
      burnLoop: () => {},
      scaleService: () => () => {},
    });
  }
}
