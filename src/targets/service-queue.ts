/**
 * How a backend of limited capacity serves: `slots` requests at once, the others wait in order of
 * arrival, and beyond a bound they are refused.
 *
 *   submit ──► free slot? ──yes──► in service ──(its service time)──► finished
 *                 │no                  ▲
 *                 ▼                    │ oldest first, when a slot becomes free
 *              waiting (≤ bound) ──────┘
 *                 │full
 *                 ▼
 *              refused
 *
 * It runs on **virtual time**. Node's timers fire up to about a millisecond late; were each service
 * started when a timer noticed that a slot was free, that lateness would be lost capacity, call
 * after call, and a queue of 1 ms services would serve half of what it claims. Here a service that
 * ends at virtual time D is followed by the next one at D, however late D is noticed. Only the
 * moment at which a caller hears of its end is real: at D or shortly after it, never before.
 *
 * The result is the sample path of a G/G/c FIFO queue (the recursion of Lindley, for c > 1 of
 * Kiefer and Wolfowitz) for the arrivals and service times it was given, which is what the test
 * compares.
 */
import { createMinHeap } from '../base/min-heap.js';
import { createFifo } from './fifo.js';

/** A request for service. */
export interface ServiceRequest {
  /** How long its service takes, in whole ns. */
  readonly serviceNs: number;
  /** On the queue's clock; Infinity when it has none. Served all the same when it has passed. */
  readonly deadlineNs: number;
  /** Whether its client no longer waits for it; asked at the end of its service. */
  isGone(): boolean;
  /** Its service is over, since `departureNs`. */
  finished(startNs: number, departureNs: number): void;
}

/** What the queue counted since it was last asked. */
export interface QueueCounts {
  readonly shed: number;
  /** Requests whose deadline had passed when their service began. */
  readonly wasted: number;
  /** Service time of those, and of requests whose client was gone at the end of their service. */
  readonly wastedNs: number;
  /** Slots in service × time. */
  readonly busyNs: number;
  readonly queueLengthMax: number;
}

export interface ServiceQueueOptions {
  readonly slots: number;
  /** How many may wait. */
  readonly queue: number;
  readonly now: () => number;
  /** Fires once at a time of `now` or later, never before; returns a cancel. */
  readonly callAt: (dueNs: number, fire: () => void) => () => void;
  /** Told how long each request waited, in ns, when its service begins. */
  readonly onQueued: (waitNs: number) => void;
}

export interface ServiceQueue {
  /** @returns false when the line is full: the request is refused, and counted as shed. */
  submit(request: ServiceRequest): boolean;
  /** Requests that wait for a slot now. */
  readonly waiting: number;
  /** The counts since the last call of this, and starts over. */
  takeCounts(): QueueCounts;
  /** Drops everything; nothing finishes any more. */
  close(): void;
}

interface Waiting {
  readonly request: ServiceRequest;
  readonly arrivalNs: number;
}

interface Serving {
  readonly request: ServiceRequest;
  readonly startNs: number;
  readonly departureNs: number;
}

export function createServiceQueue(options: ServiceQueueOptions): ServiceQueue {
  const { slots, queue: waitingMax, now, callAt, onQueued } = options;
  const serving = createMinHeap<Serving>((a, b) => a.departureNs < b.departureNs);
  const waiting = createFifo<Waiting>();
  let counts = { shed: 0, wasted: 0, wastedNs: 0, busyNs: 0, queueLengthMax: 0 };
  /** Up to when `busyNs` is counted. */
  let countedToNs = now();
  let armedForNs = Number.POSITIVE_INFINITY;
  let disarm = () => {};

  const countBusy = (toNs: number) => {
    counts.busyNs += serving.size * (toNs - countedToNs);
    countedToNs = toNs;
  };

  const begin = ({ request, arrivalNs }: Waiting, startNs: number) => {
    onQueued(startNs - arrivalNs);
    if (request.deadlineNs <= startNs) {
      counts.wasted++;
      counts.wastedNs += request.serviceNs;
    }
    serving.push({ request, startNs, departureNs: startNs + request.serviceNs });
  };

  const finish = ({ request, startNs, departureNs }: Serving) => {
    if (request.deadlineNs > startNs && request.isGone()) counts.wastedNs += request.serviceNs;
    request.finished(startNs, departureNs);
  };

  /**
   * Ends every service that is due by now, in virtual order, and gives each freed slot on. Whoever
   * waits arrived before the departure that frees a slot for it, because `submit` settles first; so
   * its service starts at that departure.
   */
  const settle = (nowNs: number) => {
    for (;;) {
      const first = serving.peek();
      if (first === undefined || first.departureNs > nowNs) break;
      countBusy(first.departureNs);
      serving.pop();
      const next = waiting.shift();
      if (next !== undefined) begin(next, first.departureNs);
      finish(first);
    }
    countBusy(nowNs);
  };

  /** Keeps one timer, for the next departure. */
  const arm = () => {
    const dueNs = serving.peek()?.departureNs ?? Number.POSITIVE_INFINITY;
    if (dueNs === armedForNs) return;
    disarm();
    armedForNs = dueNs;
    disarm = dueNs === Number.POSITIVE_INFINITY ? () => {} : callAt(dueNs, onTimer);
  };

  const onTimer = () => {
    armedForNs = Number.POSITIVE_INFINITY;
    settle(now());
    arm();
  };

  return {
    get waiting() {
      return waiting.size;
    },
    submit(request) {
      const arrivalNs = now();
      settle(arrivalNs);
      if (serving.size < slots) {
        begin({ request, arrivalNs }, arrivalNs);
        // A service of no time is over at once.
        if (request.serviceNs === 0) settle(arrivalNs);
      } else if (waiting.size < waitingMax) {
        waiting.push({ request, arrivalNs });
        counts.queueLengthMax = Math.max(counts.queueLengthMax, waiting.size);
      } else {
        counts.shed++;
        arm();
        return false;
      }
      arm();
      return true;
    },
    takeCounts() {
      settle(now());
      arm();
      const taken = counts;
      counts = { shed: 0, wasted: 0, wastedNs: 0, busyNs: 0, queueLengthMax: waiting.size };
      return taken;
    },
    close() {
      disarm();
      serving.clear();
      while (waiting.shift() !== undefined);
    },
  };
}
