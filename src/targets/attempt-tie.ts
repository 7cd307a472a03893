/**
 * What ties an open attempt to faults, both ways: they are told of its end, where they count what is
 * open; it is told of the end of the fault that hit it, where the effect lasts as long.
 *
 *   attempt ── over ──────► left     (each of the faults that count it)
 *   fault ──── faultOver ──► release  (what the host does for the attempt then)
 *
 * Made only for attempts that have something of the kind; most have not.
 */
export class AttemptTie {
  readonly #left: (() => void)[] = [];
  #release: (() => void) | undefined;
  #isFaultOver = false;

  /** For faults: does something once, when the attempt is over. */
  onOver(left: () => void): void {
    this.#left.push(left);
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
