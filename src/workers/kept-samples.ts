/**
 * Single calls that are kept of an interval: the slowest, and those that chance chose. Bounded, however
 * many calls there are: what is kept of a run explains it, and is no measurement.
 */
import { statusName } from '../base/status.js';
import { microseconds } from '../calls/call-sample.js';
import type { CallTicket } from '../calls/ticket.js';
import type { SampledCall } from '../metrics/record.js';

/** Of a load, in an interval. */
const SLOWEST_MAX = 3;
const CHOSEN_MAX = 20;

export class KeptSamples {
  readonly #load: string;
  readonly #phases: readonly string[];
  #slowest: SampledCall[] = [];
  #chosen: SampledCall[] = [];
  /** Whatever is quicker is not one of the slowest. */
  #slowestFromNs = 0;

  constructor(load: string, phases: readonly string[]) {
    this.#load = load;
    this.#phases = phases;
  }

  /** Whether a call that is over is one of those: of nearly all calls the answer is no. */
  wants({ dueNs, sample }: CallTicket, endNs: number): boolean {
    return endNs - dueNs > this.#slowestFromNs || sample?.isChosen === true;
  }

  /** Keeps one that is wanted. @param code undefined when it was cut off at the end of the run. */
  keep(ticket: CallTicket, code: number | undefined, endNs: number): void {
    const tookNs = endNs - ticket.dueNs;
    if (ticket.sample?.isChosen === true && this.#chosen.length < CHOSEN_MAX) {
      this.#chosen.push(this.#sampleOf(ticket, code, endNs, 'chance'));
    }
    if (tookNs <= this.#slowestFromNs) return;
    this.#slowest.push(this.#sampleOf(ticket, code, endNs, 'time'));
    this.#slowest.sort((a, b) => b.endUs - a.endUs);
    if (this.#slowest.length > SLOWEST_MAX) this.#slowest.pop();
    if (this.#slowest.length < SLOWEST_MAX) return;
    this.#slowestFromNs = (this.#slowest[SLOWEST_MAX - 1]?.endUs ?? 0) * 1e3;
  }

  /** What was kept since the last call, and forgets it. */
  take(): SampledCall[] {
    const taken = [...this.#slowest, ...this.#chosen];
    this.#slowest = [];
    this.#chosen = [];
    this.#slowestFromNs = 0;
    return taken;
  }

  #sampleOf(
    { ordinal, dueNs, sentNs, phase, sample }: CallTicket,
    code: number | undefined,
    endNs: number,
    by: SampledCall['by'],
  ): SampledCall {
    const headersNs = sample?.headersNs;
    return {
      load: this.#load,
      phase: this.#phases[phase] ?? '',
      call: ordinal,
      dueUs: Math.floor(Math.max(0, dueNs) / 1e3),
      by,
      sentUs: microseconds(sentNs - dueNs),
      ...(headersNs === undefined ? {} : { headersUs: microseconds(headersNs - dueNs) }),
      endUs: microseconds(endNs - dueNs),
      ...(code === undefined ? {} : { status: statusName(code) }),
      ...(sample === undefined ? {} : { attempts: sample.attempts(dueNs) }),
    };
  }
}
