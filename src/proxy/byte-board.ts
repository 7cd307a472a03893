/** A board for faults on octets, where nothing else is seen: each is begun and ended at its time. */
import { entryOf } from '../base/catalogue.js';
import { callAt, type NowNs } from '../base/clock.js';
import type { FaultKind, FaultWindow } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { FaultCounts } from '../metrics/record.js';
import { playFaults } from '../targets/fault-timeline.js';
import type { TargetEvent } from '../targets/protocol.js';
import type { ByteFaults } from './bytes/byte-faults.js';
import type { FaultBoard } from './fault-board.js';

export interface ByteBoardOptions {
  /** Whose faults these are, in what is told of them. */
  readonly name: string;
  /** Carries them out. */
  readonly octets: Pick<ByteFaults, 'begin' | 'takeCounts'>;
  readonly now: NowNs;
  /** Told when faults begin and end. */
  readonly post: (event: TargetEvent) => void;
}

export class ByteBoard implements FaultBoard {
  readonly #options: ByteBoardOptions;
  readonly #played = new Map<string, { readonly window: FaultWindow; readonly stop: () => void }>();

  constructor(options: ByteBoardOptions) {
    this.#options = options;
  }

  get windows(): readonly FaultWindow[] {
    return [...this.#played.values()].map(({ window }) => window);
  }

  add(window: FaultWindow): void {
    const { id, kind, fromNs } = window;
    const { name, octets, now, post } = this.#options;
    if (this.#played.has(id)) throw new RangeError(`there is a fault "${id}" already`);
    if (entryOf<FaultKind>(faults, kind).acts !== 'bytes') {
      throw new RangeError(`${kind} needs a proxy that sees more than octets`);
    }
    const stop = playFaults({
      windows: [window],
      backend: name,
      now,
      fromNs: Math.max(now(), fromNs),
      callAt: (atNs, fire) => callAt(atNs, fire, now),
      act: (acting) => octets.begin(acting),
      post,
    });
    this.#played.set(id, { window, stop });
  }

  remove(id: string): boolean {
    const played = this.#played.get(id);
    if (played === undefined) return false;
    this.#played.delete(id);
    played.stop();
    return true;
  }

  takeCounts(): Record<string, FaultCounts> {
    return this.#options.octets.takeCounts();
  }

  clear(): void {
    for (const id of [...this.#played.keys()]) this.remove(id);
  }
}
