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
 * What nobody waits for any more is served all the same, and counted as wasted, or with `stops` given
 * up: its place in line is another's at once, its slot as soon as its client is gone.
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

import { createFifo } from '../base/fifo.js';
import { createMinHeap } from '../base/min-heap.js';

/** A request for service. */
export interface ServiceRequest {
  /** How long its service takes, in whole ns. */
  readonly serviceNs: number;
  /** On the queue's clock; Infinity when it has none. */
  readonly deadlineNs: number;
  /** Whether its client no longer waits for it; asked when its service ends, and when it begins. */
  isGone(): boolean;
  /** Whether it is served to its end whoever waits for it, also where the queue stops; absent: no. */
  persists?(): boolean;
  /** Its service is over, since `departureNs`. */
  finished(startNs: number, departureNs: number): void;
}

/** What the queue counted since it was last asked. */
export interface QueueCounts {
  readonly shed: number;
  /** Requests whose deadline had passed when their service began. */
  readonly wasted: number;
  /** Slots in service × time, of services that go on, too. */
  readonly busyNs: number;
  /** The whole service time of requests whose service is over: at its end, or given up. */
  readonly servedNs: number;
  /** The part of it that was for those, and for requests whose client was gone when it was over. */
  readonly wastedNs: number;
  readonly queueLengthMax: number;
}

/** What a backend without limited capacity has in place of a queue's counts. */
export const NO_QUEUE: QueueCounts = {
  shed: 0,
  wasted: 0,
  busyNs: 0,
  servedNs: 0,
  wastedNs: 0,
  queueLengthMax: 0,
};

export interface ServiceQueueOptions {
  readonly slots: number;
  /** How many may wait. */
  readonly queue: number;
  /** Gives up what nobody waits for any more; absent: it is served to its end. */
  readonly stops?: boolean;
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
  /** Its client is gone: a queue that stops gives it up, and it is never finished. Harmless else. */
  abandon(request: ServiceRequest): void;
  /** Slots in service × time since the beginning, in ns. */
  busyNsSoFar(): number;
  /** The counts since the last call of this, and starts over. */
  takeCounts(): QueueCounts;
  /** Drops everything; nothing finishes any more. */
  close(): void;
}

interface Waiting {
  readonly request: ServiceRequest;
  readonly arrivalNs: number;
  isGivenUp: boolean;
}

interface Serving {
  readonly request: ServiceRequest;
  readonly startNs: number;
  readonly departureNs: number;
  isGivenUp: boolean;
}

export function createServiceQueue(options: ServiceQueueOptions): ServiceQueue {
  const { slots, queue: waitingMax, stops = false, now, callAt, onQueued } = options;
  /** Those given up among them stay until their departure would have been. */
  const serving = createMinHeap<Serving>((a, b) => a.departureNs < b.departureNs);
  /** Those given up among them stay until their turn. */
  const waiting = createFifo<Waiting>();
  /** What can be given up, where anything is. */
  const open = new Map<ServiceRequest, Waiting | Serving>();
  let inService = 0;
  let inLine = 0;
  let counts = { ...NO_QUEUE };
  /** What was taken already of `busyNs`. */
  let busyNsTaken = 0;
  /** Up to when `busyNs` is counted. */
  let countedToNs = now();
  let armedForNs = Number.POSITIVE_INFINITY;
  let disarm = () => {};

  const countBusy = (toNs: number) => {
    counts.busyNs += inService * (toNs - countedToNs);
    countedToNs = toNs;
  };

  const begin = ({ request, arrivalNs }: Waiting, startNs: number) => {
    onQueued(startNs - arrivalNs);
    if (request.deadlineNs <= startNs) counts.wasted++;
    const departureNs = startNs + request.serviceNs;
    const entry = { request, startNs, departureNs, isGivenUp: false };
    inService++;
    serving.push(entry);
    if (stops) open.set(request, entry);
  };

  /** Gives a slot that is free since `startNs` to who has waited longest and is still waited for. */
  const beginNext = (startNs: number) => {
    for (;;) {
      const next = waiting.shift();
      if (next === undefined) return;
      if (next.isGivenUp) continue;
      inLine--;
      if (!stops || isWanted(next.request, startNs)) return begin(next, startNs);
      open.delete(next.request);
    }
  };

  /** Both are counted here, so that what was wasted is a part of what was served in any interval. */
  const countService = (serviceNs: number, isWasted: boolean) => {
    counts.servedNs += serviceNs;
    if (isWasted) counts.wastedNs += serviceNs;
  };

  const finish = ({ request, startNs, departureNs }: Serving) => {
    if (stops) open.delete(request);
    countService(request.serviceNs, request.deadlineNs <= startNs || request.isGone());
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
      serving.pop();
      if (first.isGivenUp) continue;
      countBusy(first.departureNs);
      inService--;
      beginNext(first.departureNs);
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
      return inLine;
    },
    submit(request) {
      const arrivalNs = now();
      settle(arrivalNs);
      const arrived = { request, arrivalNs, isGivenUp: false };
      if (inService < slots) {
        begin(arrived, arrivalNs);
        // A service of no time is over at once.
        if (request.serviceNs === 0) settle(arrivalNs);
      } else if (inLine < waitingMax) {
        waiting.push(arrived);
        inLine++;
        if (stops) open.set(request, arrived);
        counts.queueLengthMax = Math.max(counts.queueLengthMax, inLine);
      } else {
        counts.shed++;
        arm();
        return false;
      }
      arm();
      return true;
    },
    abandon(request) {
      if (!stops || request.persists?.() === true) return;
      const nowNs = now();
      settle(nowNs);
      const entry = open.get(request);
      if (entry === undefined) return;
      open.delete(request);
      entry.isGivenUp = true;
      if ('startNs' in entry) {
        inService--;
        countService(nowNs - entry.startNs, true);
        beginNext(nowNs);
        settle(nowNs);
      } else inLine--;
      arm();
    },
    busyNsSoFar() {
      settle(now());
      arm();
      return busyNsTaken + counts.busyNs;
    },
    takeCounts() {
      settle(now());
      arm();
      const taken = counts;
      busyNsTaken += taken.busyNs;
      counts = { ...NO_QUEUE, queueLengthMax: inLine };
      return taken;
    },
    close() {
      disarm();
      serving.clear();
      open.clear();
      inService = 0;
      inLine = 0;
      while (waiting.shift() !== undefined);
    },
  };
}

/** Whether anybody waits for a request whose service could begin, or it is served regardless. */
function isWanted(request: ServiceRequest, startNs: number): boolean {
  if (request.persists?.() === true) return true;
  return request.deadlineNs > startNs && !request.isGone();
}
