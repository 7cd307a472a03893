/**
 * Attempts that a server writes down one by one: those of the calls that its clients write down, too, as
 * far as they say which calls they are. Bounded; times are ns on the monotonic clock until they are taken.
 */
import type { CallId } from '../base/call-id.js';
import type { NowNs } from '../base/clock.js';
import { sampleChoice } from '../base/sample-choice.js';
import { statusName } from '../base/status.js';
import type { ServedSample } from '../metrics/record.js';

/** Of an interval. */
const SAMPLES_MAX = 40;

/** One attempt that is written down. Each end after the first is ignored. */
export interface OpenSample {
  /** Its service began and was over. */
  served(fromNs: number, toNs: number): void;
  /** @param code undefined: its client gave it up, or its deadline passed. */
  ended(code?: number): void;
}

export interface ServedSamples {
  /** An attempt arrives; undefined when it is not written down. */
  arrived(id: CallId, previousAttempts: number): OpenSample | undefined;
  /** Those that ended since the last call. @param zeroNs of the load clock. */
  take(zeroNs: number): ServedSample[];
}

export function createServedSamples(seed: number, share: number, now: NowNs): ServedSamples {
  const isChosen = sampleChoice(seed, share);
  let ended: ((zeroNs: number) => ServedSample)[] = [];
  return {
    arrived({ ordinal, dueUs, upstream }, previousAttempts) {
      // What another tier asks for is no call of a load.
      if (upstream !== undefined || !isChosen(ordinal)) return undefined;
      const receivedNs = now();
      let service: readonly [fromNs: number, toNs: number] | undefined;
      let isOver = false;
      return {
        served(fromNs, toNs) {
          service ??= [fromNs, toNs];
        },
        ended(code) {
          if (isOver) return;
          isOver = true;
          const endNs = now();
          if (ended.length >= SAMPLES_MAX) return;
          ended.push((zeroNs) => ({
            ...{ call: ordinal, dueUs, previousAttempts, receivedNs: receivedNs - zeroNs },
            ...(service && {
              serviceFromNs: service[0] - zeroNs,
              serviceToNs: service[1] - zeroNs,
            }),
            endNs: endNs - zeroNs,
            ...(code === undefined ? {} : { status: statusName(code) }),
          }));
        },
      };
    },
    take(zeroNs) {
      const taken = ended.map((sample) => sample(zeroNs));
      ended = [];
      return taken;
    },
  };
}
