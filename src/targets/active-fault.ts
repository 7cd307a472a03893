/**
 * One call fault on one backend: which attempts it hits, how often it did, and how many of them are
 * open.
 *
 * Share, seed, methods and metadata decide by the attempt alone. `count`, `maxActive` and a kind that
 * spares the first so many decide by the order of arrival as well, which is the backend's: two runs
 * hit as many calls, not the same ones.
 */
import { type CallEffect, isLasting } from '../faults/call-effect.js';
import {
  effectUnit,
  hitFingerprint,
  hits,
  isActive,
  isFirstAttempt,
  looksAt,
} from '../faults/decide.js';
import type { CallFaultKind, CallView, FaultWindow } from '../faults/fault.js';
import { carries, type MetadataLookup } from '../faults/metadata-match.js';
import type { FaultCounts } from '../metrics/record.js';
import { AttemptTie } from './attempt-tie.js';

const none = () => ({ seen: 0, hit: 0, seenFirst: 0, hitFirst: 0, hitFirstSum: 0 });

export class ActiveFault {
  readonly window: FaultWindow;
  /** It needs to know of every attempt that it looks at how long it is open. */
  readonly countsOpen: boolean;
  /** It hits attempts that are open when it begins, and needs to know of them until then. */
  readonly hitsOpen: boolean;
  readonly #kind: CallFaultKind<unknown>;
  readonly #seed: number;
  readonly #spared: number;
  #counts = none();
  #hitsLeft: number;
  /** Attempts that it hit and that are open. */
  #active = 0;
  /** Attempts that it looks at and that are open. */
  #open = 0;
  #isBegun = false;
  #isOver = false;
  /** Attempts that it hits when it begins, if they are still open. */
  readonly #early = new Map<AttemptTie, CallView>();
  /** Attempts that are to be told of its end. */
  readonly #lasting = new Set<AttemptTie>();

  constructor(window: FaultWindow, kind: CallFaultKind<unknown>, seed: number) {
    this.window = window;
    this.#kind = kind;
    this.#seed = seed;
    this.#spared = kind.spares?.(window.options) ?? 0;
    this.countsOpen = kind.spares !== undefined;
    this.hitsOpen = kind.hitsOpen === true;
    this.#hitsLeft = window.count ?? Number.POSITIVE_INFINITY;
  }

  /** Whether it acts on attempts that arrive now and meet the faults of a moment. */
  actsAt(momentNs: number): boolean {
    if (isActive(this.window, momentNs)) return true;
    // Due before it began and come after that: it would hit the attempt if it had been in time.
    const isRunning = this.#isBegun && !this.#isOver;
    return this.hitsOpen && isRunning && momentNs < this.window.fromNs;
  }

  /** Whether it looks at an attempt at all. */
  looksAt({ method }: CallView, valuesOf: MetadataLookup | undefined): boolean {
    if (!looksAt(this.window, method)) return false;
    const { metadata } = this.window;
    return metadata === undefined || (valuesOf !== undefined && carries(metadata, valuesOf));
  }

  /** The effect on an attempt that it looks at, if it hits it. */
  ask(call: CallView): CallEffect | undefined {
    const { window } = this;
    const isFirst = isFirstAttempt(call);
    this.#counts.seen++;
    if (isFirst) this.#counts.seenFirst++;
    const { maxActive = Number.POSITIVE_INFINITY } = window;
    if (this.#hitsLeft <= 0 || this.#active >= maxActive) return undefined;
    if (this.countsOpen && this.#open < this.#spared) return undefined;
    if (!hits(window, call, this.#seed)) return undefined;
    this.#hitsLeft--;
    this.#counts.hit++;
    if (isFirst) {
      this.#counts.hitFirst++;
      // Unsigned, so that the number is the same in every file and language.
      this.#counts.hitFirstSum = (this.#counts.hitFirstSum + hitFingerprint(window, call)) >>> 0;
    }
    return this.#kind.effect(window.options, call, effectUnit(window, call, this.#seed));
  }

  /** Ties an attempt that it hit to itself, if there is anything to know of it. */
  tieHit(effect: CallEffect, tie = new AttemptTie()): AttemptTie | undefined {
    const lasts = isLasting(effect);
    if (!lasts && this.window.maxActive === undefined) return undefined;
    this.#active++;
    tie.onOver(() => {
      this.#active--;
      this.#lasting.delete(tie);
    });
    if (!lasts) return tie;
    if (this.#isOver) tie.faultOver();
    else this.#lasting.add(tie);
    return tie;
  }

  /** Counts an attempt that it looks at as open. */
  tieOpen(tie: AttemptTie): void {
    this.#open++;
    tie.onOver(() => void this.#open--);
  }

  /** Whether an attempt may still be open when it begins. */
  get isAhead(): boolean {
    return this.hitsOpen && !this.#isBegun;
  }

  /** Remembers an attempt that it looks at, to hit it when it begins. */
  tieEarly(tie: AttemptTie, call: CallView): void {
    this.#early.set(tie, call);
    tie.onOver(() => void this.#early.delete(tie));
  }

  /** Its stretch begins: of the attempts that are open it hits those that it would have hit. */
  begin(): void {
    this.#isBegun = true;
    for (const [tie, call] of this.#early) {
      const effect = this.ask(call);
      if (effect === undefined) continue;
      this.tieHit(effect, tie);
      tie.hit(effect);
    }
    this.#early.clear();
  }

  /** Its stretch is over: attempts that it still has a hold on are let go. */
  end(): void {
    this.#isOver = true;
    const ties = [...this.#lasting];
    this.#lasting.clear();
    for (const tie of ties) tie.faultOver();
  }

  take(): FaultCounts {
    const taken = this.#counts;
    this.#counts = none();
    return taken;
  }
}
