/**
 * Which streams this end has reset lately.
 *
 * Frames that the peer sent before it read our RST_STREAM must be ignored; on any other closed
 * stream they are an error (RFC 9113 §5.1). The memory is bounded: of streams so old that they may
 * have been forgotten nothing is an error any more.
 */
const REMEMBERED_MAX = 16_384;

export class ResetMemory {
  readonly #ids = new Set<number>();
  #forgottenMax = 0;

  /** This end has reset or refused a stream. */
  add(streamId: number): void {
    this.#ids.add(streamId);
    if (this.#ids.size <= REMEMBERED_MAX) return;
    // A set gives its members in the order in which they came.
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      this.#forgottenMax = Math.max(this.#forgottenMax, oldest);
      return;
    }
  }

  /** Whether frames on this closed stream are to be ignored. */
  mayHave(streamId: number): boolean {
    return streamId <= this.#forgottenMax || this.#ids.has(streamId);
  }
}
