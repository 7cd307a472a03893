/**
 * Single calls that are kept of an interval: the slowest, and those that chance chose. Bounded, however
 * many calls there are: what is kept of a run explains it, and is no measurement.
 */
import { statusName } from '../base/status.js';
import { microseconds } from '../calls/call-sample.js';
import type { CallTicket } from '../calls/ticket.js';
import type { SampledCall } from '../metrics/record.js';

/** Of a load in an interval: of each phase that its calls were due in, and of all of them. */
const SLOWEST_MAX = 3;
const CHOSEN_MAX = 20;

export class KeptSamples {
  readonly #load: string;
  readonly #phases: readonly string[];
  /** By phase: near its end, calls of one that went badly would else leave no room for the next. */
  readonly #slowest: SampledCall[][];
  /** Of each phase: whatever is quicker is not one of the slowest. */
  readonly #slowestFromNs: Float64Array;
  #chosen: SampledCall[] = [];

  constructor(load: string, phases: readonly string[]) {
    this.#load = load;
    this.#phases = phases;
    this.#slowest = phases.map(() => []);
    this.#slowestFromNs = new Float64Array(phases.length);
  }

  /** Whether a call that is over is one of those: of nearly all calls the answer is no. */
  wants({ dueNs, phase, sample }: CallTicket, endNs: number): boolean {
    return endNs - dueNs > (this.#slowestFromNs[phase] as number) || sample?.isChosen === true;
  }

  /** Keeps one that is wanted. @param code undefined when it was cut off at the end of the run. */
  keep(ticket: CallTicket, code: number | undefined, endNs: number): void {
    const tookNs = endNs - ticket.dueNs;
    if (ticket.sample?.isChosen === true && this.#chosen.length < CHOSEN_MAX) {
      this.#chosen.push(this.#sampleOf(ticket, code, endNs, 'chance'));
    }
    const { phase } = ticket;
    const slowest = this.#slowest[phase];
    if (slowest === undefined || tookNs <= (this.#slowestFromNs[phase] as number)) return;
    slowest.push(this.#sampleOf(ticket, code, endNs, 'time'));
    slowest.sort((a, b) => b.endUs - a.endUs);
    if (slowest.length > SLOWEST_MAX) slowest.pop();
    if (slowest.length < SLOWEST_MAX) return;
    this.#slowestFromNs[phase] = (slowest[SLOWEST_MAX - 1]?.endUs ?? 0) * 1e3;
  }

  /** What was kept since the last call, and forgets it. */
  take(): SampledCall[] {
    const taken = [...this.#slowest.flat(), ...this.#chosen];
    for (const slowest of this.#slowest) slowest.length = 0;
    this.#chosen = [];
    this.#slowestFromNs.fill(0);
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
