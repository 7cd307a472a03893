/** What one backend counts between two snapshots. */
import { STATUS_OK, type StatusCounts, statusName } from '../base/status.js';
import { WaitingTime } from '../base/waiting-time.js';
import { DurationHistogram } from '../metrics/histogram.js';
import type { FaultCounts, TargetCounts } from '../metrics/record.js';
import type { MessageCounter } from './chat-service.js';
import type { HealthCounter } from './health-service.js';
import type { QueueCounts } from './service-queue.js';
import type { UnhealthyArrivals } from './unhealthy-arrivals.js';

/** Numbers of previous attempts above it are counted as it: they come from clients. */
const PREVIOUS_ATTEMPTS_MAX = 99;

export interface TargetCounters {
  readonly messages: MessageCounter;
  readonly health: HealthCounter;
  /** An attempt arrived that declared so many before it. */
  received(previousAttempts: number): void;
  /** The server answered an attempt with a status. */
  answered(code: number): void;
  /** An attempt ended without an answer. */
  cancelled(): void;
  /** The next tier served a call for an attempt that was over. */
  outlived(): void;
  /** A request's service began after so many ns in the line. */
  queued(waitNs: number): void;
  /** Attempts answered since the beginning, and those of them with another status than OK. */
  answeredSoFar(): { readonly answered: number; readonly failed: number };
  /** The counts since the last call of this, and starts over. */
  take(queue: QueueCounts, faults: Readonly<Record<string, FaultCounts>>): TargetCounts;
}

interface Counts {
  cancelled: number;
  messagesReceived: number;
  messagesDelivered: number;
  messagesDropped: number;
  readersDisconnected: number;
  outboxMessagesMax: number;
  outboxBytesMax: number;
  sendersStopped: number;
  healthChecks: number;
  healthWatchers: number;
}

/** What is kept for all readers together: the most at once. */
function createHeldCounter() {
  let messages = 0;
  let bytes = 0;
  let messagesMax = 0;
  let bytesMax = 0;
  return {
    add(moreMessages: number, moreBytes: number): void {
      messages += moreMessages;
      bytes += moreBytes;
      if (messages > messagesMax) messagesMax = messages;
      if (bytes > bytesMax) bytesMax = bytes;
    },
    /** Since it was last asked; what is still kept counts again. */
    take() {
      const taken = { heldMessagesMax: messagesMax, heldBytesMax: bytesMax };
      messagesMax = messages;
      bytesMax = bytes;
      return taken;
    },
  };
}

const none = (): Counts => ({
  cancelled: 0,
  messagesReceived: 0,
  messagesDelivered: 0,
  messagesDropped: 0,
  readersDisconnected: 0,
  outboxMessagesMax: 0,
  outboxBytesMax: 0,
  sendersStopped: 0,
  healthChecks: 0,
  healthWatchers: 0,
});

/** @param unhealthy told of attempts while the server says that it is not serving. */
export function createTargetCounters(unhealthy?: UnhealthyArrivals): TargetCounters {
  const queueTime = new DurationHistogram();
  const readersWait = new WaitingTime();
  const sendersWait = new WaitingTime();
  const held = createHeldCounter();
  let counts = none();
  let received: number[] = [];
  let answered: number[] = [];
  let outlived = 0;
  /** What was taken already, by code. */
  const taken: number[] = [];
  return {
    messages: {
      received: () => void counts.messagesReceived++,
      delivered: () => void counts.messagesDelivered++,
      dropped: () => void counts.messagesDropped++,
      disconnected: () => void counts.readersDisconnected++,
      kept(count, bytes) {
        counts.outboxMessagesMax = Math.max(counts.outboxMessagesMax, count);
        counts.outboxBytesMax = Math.max(counts.outboxBytesMax, bytes);
      },
      holding: held.add,
      readerBlocked: () => readersWait.begin(),
      readerFreed: () => readersWait.end(),
      senderStopped() {
        counts.sendersStopped++;
        sendersWait.begin();
      },
      senderFreed: () => sendersWait.end(),
    },
    health: {
      checked: () => void counts.healthChecks++,
      watched: () => void counts.healthWatchers++,
    },
    received(previousAttempts) {
      const index = Math.min(previousAttempts, PREVIOUS_ATTEMPTS_MAX);
      received[index] = (received[index] ?? 0) + 1;
      if (unhealthy?.isAny === true) unhealthy.arrived();
    },
    answered(code) {
      answered[code] = (answered[code] ?? 0) + 1;
    },
    cancelled: () => void counts.cancelled++,
    outlived: () => void outlived++,
    queued: (waitNs) => queueTime.record(waitNs),
    answeredSoFar() {
      let all = 0;
      for (const counted of [taken, answered]) {
        for (const count of counted) all += count ?? 0;
      }
      const ok = (taken[STATUS_OK] ?? 0) + (answered[STATUS_OK] ?? 0);
      return { answered: all, failed: all - ok };
    },
    take(queue, faults) {
      const byCode: StatusCounts = {};
      answered.forEach((count, code) => {
        byCode[statusName(code)] = count;
        taken[code] = (taken[code] ?? 0) + count;
      });
      const unhealthyArrivals = unhealthy?.take() ?? {};
      const counted: TargetCounts = {
        receivedByPreviousAttempts: Object.fromEntries(Object.entries(received)),
        answeredByCode: byCode,
        ...counts,
        ...held.take(),
        readersBlockedNs: readersWait.take().ns,
        sendersStoppedNs: sendersWait.take().ns,
        ...queue,
        ...(outlived === 0 ? {} : { outlived }),
        ...(queueTime.count === 0 ? {} : { queueTime: queueTime.encode() }),
        ...(Object.keys(unhealthyArrivals).length === 0 ? {} : { unhealthyArrivals }),
        faults,
      };
      queueTime.reset();
      counts = none();
      outlived = 0;
      received = [];
      answered = [];
      return counted;
    },
  };
}
