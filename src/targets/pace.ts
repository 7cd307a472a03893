/** When messages may leave that are to keep to a rate: the first at once, the others in turn. */
export class Pace {
  readonly #intervalNs: number;
  #nextNs = Number.NEGATIVE_INFINITY;

  constructor(intervalNs: number) {
    this.#intervalNs = intervalNs;
  }

  /** From when on the next message may leave. */
  get nextNs(): number {
    return this.#nextNs;
  }

  /**
   * A message leaves now.
   * @param hasWaited for its turn, so that it is late by a timer's lateness: the next ones are not
   *   late for that. What was missed by an interval or more is not made up for.
   */
  leaves(nowNs: number, hasWaited: boolean): void {
    const dueNs = hasWaited ? Math.max(this.#nextNs, nowNs - this.#intervalNs) : nowNs;
    this.#nextNs = dueNs + this.#intervalNs;
  }
}
