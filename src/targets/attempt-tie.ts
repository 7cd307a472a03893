/**
 * What ties an open attempt to faults, both ways: they are told of its end, where they count what is
 * open; it is told when a fault hits it after its arrival, and of the end of the fault that hit it,
 * where the effect lasts as long.
 *
 *   attempt ── over ──────► left     (each of the faults that count it)
 *   fault ──── hit ───────► meet     (the host carries the effect out)
 *   fault ──── faultOver ──► release  (what the host does for the attempt then)
 *
 * Made only for attempts that have something of the kind; most have not.
 */
import type { CallEffect } from '../faults/call-effect.js';

export class AttemptTie {
  readonly #left: (() => void)[] = [];
  #release: (() => void) | undefined;
  #meet: ((effect: CallEffect) => void) | undefined;
  #isFaultOver = false;

  /** For faults: does something once, when the attempt is over. */
  onOver(left: () => void): void {
    this.#left.push(left);
  }

  /** For faults: one begins, and hits the open attempt. */
  hit(effect: CallEffect): void {
    this.#meet?.(effect);
  }

  /** For hosts: carries out the effect of a fault that hits the attempt later on. */
  onHit(meet: (effect: CallEffect) => void): void {
    this.#meet = meet;
  }

  /** For faults: the one that hit the attempt is over. */
  faultOver(): void {
    this.#isFaultOver = true;
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  /**
   * For hosts: does something once, when the fault that hit the attempt is over, and now if it is
   * already: an attempt may come after the fault that it was due in. Not when the attempt is over.
   */
  onFaultOver(release: () => void): void {
    if (this.#isFaultOver) release();
    else this.#release = release;
  }

  /** For hosts: the attempt is over; harmless when told again. */
  over(): void {
    this.#release = undefined;
    for (const left of this.#left.splice(0)) left();
  }
}
