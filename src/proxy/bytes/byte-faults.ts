/**
 * The byte faults of one port: which connections each hits, those that are there when it begins as well
 * as those that come while it lasts, and what it does to them.
 *
 * Connections are numbered in the order in which they come, from 0. `share` goes by the number, `count`
 * by the order.
 */
import type { Socket } from 'node:net';
import { entryOf } from '../../base/catalogue.js';
import { createRng } from '../../base/rng.js';
import type { ByteEffect, Direction } from '../../faults/byte-effect.js';
import type { FaultKind, FaultWindow } from '../../faults/fault.js';
import { faults } from '../../faults/index.js';
import type { FaultCounts } from '../../metrics/record.js';
import { ConnectionCounts } from '../connection-counts.js';
import type { StageClock } from './lane.js';
import type { Listener } from './listener.js';
import type { ShapedSocket } from './shaped-socket.js';

/** A connection that was accepted, and how to serve it. */
interface Arrival {
  readonly number: number;
  readonly socket: Socket;
  readonly serve: (number: number) => void;
}

interface Running {
  readonly window: FaultWindow;
  readonly effect: ByteEffect;
  hitsLeft: number;
  /** What ends it on each connection that it hit. */
  readonly undos: Map<ShapedSocket, () => void>;
  /** Connections that it keeps from being served. */
  readonly stalled: Set<Arrival>;
}

export interface ByteFaultsOptions {
  readonly seed: number;
  readonly clock: StageClock;
  readonly listener: () => Pick<Listener, 'refuse'>;
}

export class ByteFaults {
  readonly #options: ByteFaultsOptions;
  readonly #running = new Set<Running>();
  readonly #connections = new Map<ShapedSocket, number>();
  readonly #counts: ConnectionCounts;
  #arrived = 0;

  constructor(options: ByteFaultsOptions) {
    this.#options = options;
    this.#counts = new ConnectionCounts(options.seed);
  }

  /** Connections that are accepted and not served. */
  get stalledCount(): number {
    let count = 0;
    for (const { stalled } of this.#running) count += stalled.size;
    return count;
  }

  /**
   * Begins a fault; its times are the caller's business.
   * @returns ends it on all connections; calling that twice does nothing.
   * @throws RangeError for a fault that does not act on bytes.
   */
  begin(window: FaultWindow): () => void {
    const entry = entryOf<FaultKind>(faults, window.kind);
    if (entry.acts !== 'bytes') throw new RangeError(`${window.kind} does not act on connections`);
    const fault: Running = {
      window,
      effect: entry.effect(window.options),
      hitsLeft: window.count ?? Number.POSITIVE_INFINITY,
      undos: new Map(),
      stalled: new Set(),
    };
    this.#running.add(fault);
    const listen = fault.effect.effect === 'refuse' ? this.#options.listener().refuse() : () => {};
    // A fault that resets connections takes them out of the list while it is gone through.
    for (const [connection, number] of [...this.#connections])
      this.#meet(fault, connection, number);
    return () => {
      if (!this.#running.delete(fault)) return;
      listen();
      const undos = [...fault.undos.values()];
      fault.undos.clear();
      for (const undo of undos) undo();
      const stalled = [...fault.stalled];
      fault.stalled.clear();
      for (const arrival of stalled) this.#admit(arrival);
    };
  }

  /** A connection has come. @param serve called when it is to be served: at once, or after a stall. */
  arrive(socket: Socket, serve: (number: number) => void): void {
    this.#admit({ number: this.#arrived++, socket, serve });
  }

  /** A connection is served: it meets the faults that run, and those that begin while it is there. */
  served(connection: ShapedSocket, number: number): void {
    this.#connections.set(connection, number);
    for (const fault of [...this.#running]) this.#meet(fault, connection, number);
  }

  /** A connection is over. */
  gone(connection: ShapedSocket): void {
    this.#connections.delete(connection);
    for (const { undos } of this.#running) {
      undos.get(connection)?.();
      undos.delete(connection);
    }
  }

  /** By fault id, of those that met a connection since this was last called; starts over. */
  takeCounts(): Record<string, FaultCounts> {
    return this.#counts.take();
  }

  /** Closes connections that nobody serves yet; for the end of everything. */
  close(): void {
    for (const { stalled } of this.#running) {
      for (const { socket } of stalled) socket.destroy();
      stalled.clear();
    }
  }

  #admit(arrival: Arrival): void {
    for (const fault of this.#running) {
      if (fault.effect.effect !== 'accept-stall' || !this.#hits(fault, arrival.number)) continue;
      fault.stalled.add(arrival);
      arrival.socket.once('close', () => fault.stalled.delete(arrival));
      return;
    }
    if (!arrival.socket.destroyed) arrival.serve(arrival.number);
  }

  /** Whether a fault hits a connection that it meets; counts both. */
  #hits(fault: Running, number: number): boolean {
    const isHit = this.#counts.meet(fault.window, number, fault.hitsLeft);
    if (isHit) fault.hitsLeft--;
    return isHit;
  }

  #meet(fault: Running, connection: ShapedSocket, number: number): void {
    const { effect, window } = fault;
    if (effect.effect === 'refuse' || effect.effect === 'accept-stall') return;
    if (!this.#hits(fault, number)) return;
    const undo = this.#begin(window, effect, connection, number);
    if (this.#connections.has(connection)) fault.undos.set(connection, undo);
  }

  #begin(
    { id }: FaultWindow,
    effect: Exclude<ByteEffect, { effect: 'refuse' | 'accept-stall' }>,
    connection: ShapedSocket,
    number: number,
  ): () => void {
    const { seed, clock } = this.#options;
    if (effect.effect === 'reset') {
      if (effect.afterNs > 0)
        return clock.callAt(clock.now() + effect.afterNs, () => connection.cut());
      connection.cut();
      return () => {};
    }
    const directions: readonly Direction[] =
      effect.directions === 'both' ? ['up', 'down'] : [effect.directions];
    const undos = directions.map((direction) =>
      connection.shape(direction, effect, createRng(seed, `${id}/${number}/${direction}`)),
    );
    return () => {
      for (const undo of undos) undo();
    };
  }
}
