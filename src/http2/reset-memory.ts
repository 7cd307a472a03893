/**
 * Which streams this end has reset lately.
 *
 * Frames that the peer sent before it read our RST_STREAM must be ignored; on any other closed
 * stream they are an error (RFC 9113 §5.1). The memory is bounded: of streams so old that they may
 * have been forgotten nothing is an error any more.
 *
 * Two sets, one that is filled and the one filled before it, which is dropped whole: taking the
 * oldest out of a single set costs more the more were taken out before.
 */
const REMEMBERED_MAX = 16_384;
const SET_MAX = REMEMBERED_MAX / 2;

export class ResetMemory {
  #young = new Set<number>();
  #old = new Set<number>();
  #youngMax = 0;
  #oldMax = 0;
  #forgottenMax = 0;

  /** This end has reset or refused a stream. */
  add(streamId: number): void {
    if (this.#young.size >= SET_MAX) {
      if (this.#oldMax > this.#forgottenMax) this.#forgottenMax = this.#oldMax;
      this.#old = this.#young;
      this.#oldMax = this.#youngMax;
      this.#young = new Set();
      this.#youngMax = 0;
    }
    this.#young.add(streamId);
    if (streamId > this.#youngMax) this.#youngMax = streamId;
  }

  /** Streams that are held. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Whether frames on this closed stream are to be ignored. */
  mayHave(streamId: number): boolean {
    return streamId <= this.#forgottenMax || this.#young.has(streamId) || this.#old.has(streamId);
  }
}
