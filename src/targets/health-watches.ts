/**
 * The Watch streams that are open on a server: each is told its name's status at once and on every
 * change, unless a fault has its way with it.
 *
 *            open                    change           silence ends
 *   client ───────► told the status ───────► told it ─────────────► told it, if it is another
 *             │
 *             └ under a fault: told nothing, or ended with a status
 */
import type { ServingStatus } from '../base/serving-status.js';
import type { WatchEffect } from '../faults/fault.js';
import type { HealthBoard } from './health-board.js';

/** One client's Watch. */
export interface WatchStream {
  tell(status: ServingStatus): void;
  end(code: number, details: string): void;
}

export interface HealthWatches {
  /**
   * Takes a stream over.
   * @param name what it watches; one that nobody knows is SERVICE_UNKNOWN until somebody does.
   * @returns forgets it, for when its client is gone; harmless when called twice.
   */
  open(name: string, stream: WatchStream): () => void;
  /** Lays an effect over streams, of all names unless one is given; the latest laid counts. */
  override(effect: WatchEffect, name?: string): () => void;
}

interface Watch {
  readonly name: string;
  readonly stream: WatchStream;
  told: ServingStatus | undefined;
}

interface Override {
  readonly effect: WatchEffect;
  readonly name: string | undefined;
}

export function createHealthWatches(board: HealthBoard): HealthWatches {
  /** With what forgets each. */
  const open = new Map<Watch, () => void>();
  const overrides: Override[] = [];

  const effectOn = (name: string): WatchEffect | undefined =>
    overrides.findLast((override) => (override.name ?? name) === name)?.effect;

  const update = (watch: Watch) => {
    const effect = effectOn(watch.name);
    if (effect?.effect === 'end') {
      open.get(watch)?.();
      watch.stream.end(effect.code, effect.details);
    } else if (effect === undefined) {
      const status = board.statusOf(watch.name) ?? 'SERVICE_UNKNOWN';
      if (status === watch.told) return;
      watch.told = status;
      watch.stream.tell(status);
    }
  };
  const updateAll = () => {
    for (const watch of [...open.keys()]) update(watch);
  };

  return {
    open(name, stream) {
      const watch: Watch = { name, stream, told: undefined };
      const stop = board.watch(name, () => update(watch));
      const forget = () => {
        stop();
        open.delete(watch);
      };
      open.set(watch, forget);
      update(watch);
      return forget;
    },
    override(effect, name) {
      const override = { effect, name };
      overrides.push(override);
      updateAll();
      return () => {
        const index = overrides.indexOf(override);
        if (index === -1) return;
        overrides.splice(index, 1);
        updateAll();
      };
    },
  };
}
