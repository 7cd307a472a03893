/**
 * One call as the interceptor `retry` sends it: attempts one after another, each a call of its own to
 * what comes next in the chain, and one end.
 *
 *            ┌───────────── waits ◄──── retry ────┐
 *            ▼                                    │
 *   start ─► attempt ──── status ──► decision ────┴─ end ─► status
 *            │
 *            └─ headers or a message ─► committed: everything goes through
 *
 * Requests are kept until the call is committed, and sent again by the next attempt, one at a time: what
 * lies below takes one message before it asks for the next. A cancel goes to the attempt, or ends the
 * wait at once.
 *
 * The time of an attempt is its deadline, which the server is told of, where the call has one reply. Where
 * replies are a stream it is the time to the first answer, and nobody is told: a deadline would end the
 * stream.
 */
import {
  type InterceptingCall,
  type InterceptingListener,
  type Interceptor,
  Metadata,
  type StatusObject,
} from '@grpc/grpc-js';
import { callAt, type NowNs, NS_PER_MS } from '../../base/clock.js';
import { formatDuration } from '../../base/units.js';
import { KeptRequests, type Room } from './kept-requests.js';
import { type Denial, decideRetry, type RetryPolicy } from './retry-decision.js';

// grpc-js does not export these types by name.
export type Call = ConstructorParameters<typeof InterceptingCall>[0];
type Options = Parameters<Interceptor>[0];
type NextCall = Parameters<Interceptor>[1];
type MessageContext = Parameters<Call['sendMessageWithContext']>[0];
type Status = Parameters<Call['cancelWithStatus']>[0];

/** gRFC A6: attempts before this one, transparent retries left out. */
const PREVIOUS_KEY = 'grpc-previous-rpc-attempts';

const DEADLINE_EXCEEDED = 4;

/** What all calls of one interceptor share. */
export interface RetryContext {
  readonly policy: RetryPolicy;
  /** Of each attempt, in ns; the last one is that of all further ones; empty: no limit. */
  readonly timeoutsNs: readonly number[];
  readonly room: Room;
  readonly now: NowNs;
  /** An attempt is made because another failed. */
  retried(method: string): void;
  /** None is made although it would be worth it. */
  denied(method: string, why: Denial): void;
}

/** One of the calls that are made for the call. */
interface Attempt {
  readonly call: Call;
  /** The request that it sends next, counted from 0. */
  next: number;
  /** A request is on its way down, and not taken yet. */
  isWriting: boolean;
  isHalfClosed: boolean;
  isOver: boolean;
  /** The end of a call with one reply is told of as a reply that is null, before its status. */
  hasNoReply: boolean;
}

export class RetriedCall implements Call {
  readonly #options: Options;
  readonly #nextCall: NextCall;
  readonly #context: RetryContext;
  readonly #requests: KeptRequests;
  readonly #method: string;
  #metadata = new Metadata();
  #listener: InterceptingListener | undefined;
  #attempt: Attempt | undefined;
  #previous = 0;
  #made = 0;
  #waits = 0;
  #isReading = false;
  #isHalfClosed = false;
  #isCommitted = false;
  #hasAnswer = false;
  #isOver = false;
  #cancelled: StatusObject | undefined;
  /** Ends the wait for the next attempt, or the time limit of this one. */
  #forgetTimer = () => {};

  constructor(options: Options, nextCall: NextCall, context: RetryContext) {
    this.#options = options;
    this.#nextCall = nextCall;
    this.#context = context;
    this.#requests = new KeptRequests(context.room);
    this.#method = options.method_definition.path;
  }

  start(metadata: Metadata, listener?: Partial<InterceptingListener>): void {
    this.#metadata = metadata;
    this.#listener = listener as InterceptingListener;
    this.#previous = Number(metadata.get(PREVIOUS_KEY)[0] ?? 0);
    this.#context.policy.budget.callStarted();
    if (this.#cancelled === undefined) this.#startAttempt();
    else this.#endLater(this.#cancelled);
  }

  sendMessage(message: Buffer): void {
    this.sendMessageWithContext({}, message);
  }

  sendMessageWithContext({ callback, flags }: MessageContext, message: Buffer): void {
    if (this.#isOver) {
      callback?.();
      return;
    }
    const isKept = this.#requests.add({ message, flags, written: callback });
    if (!isKept) this.#commit();
    if (this.#attempt !== undefined) this.#sendOn(this.#attempt);
  }

  halfClose(): void {
    this.#isHalfClosed = true;
    if (this.#attempt !== undefined) this.#sendOn(this.#attempt);
  }

  startRead(): void {
    this.#isReading = true;
    if (this.#attempt?.isOver === false) this.#attempt.call.startRead();
  }

  cancelWithStatus(code: Status, details: string): void {
    if (this.#isOver || this.#cancelled !== undefined) return;
    this.#cancelled = { code, details, metadata: new Metadata() };
    if (this.#attempt?.isOver === false) this.#attempt.call.cancelWithStatus(code, details);
    else if (this.#listener !== undefined) this.#endLater(this.#cancelled);
  }

  getPeer(): string {
    return this.#attempt?.call.getPeer() ?? 'unknown';
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#attempt?.call.getAuthContext() ?? null;
  }

  #startAttempt(): void {
    const { timeoutsNs } = this.#context;
    const timeoutNs = timeoutsNs[Math.min(this.#made, timeoutsNs.length - 1)];
    const isStream = this.#options.method_definition.responseStream;
    const options =
      timeoutNs === undefined || isStream ? this.#options : withTimeout(this.#options, timeoutNs);
    const attempt: Attempt = {
      call: this.#nextCall(options),
      next: 0,
      isWriting: false,
      isHalfClosed: false,
      isOver: false,
      hasNoReply: false,
    };
    const metadata = this.#metadata.clone();
    const previous = this.#previous + this.#made++;
    if (previous > 0) metadata.set(PREVIOUS_KEY, String(previous));
    this.#attempt = attempt;
    this.#context.policy.budget.attemptStarted();
    if (timeoutNs !== undefined && isStream) this.#limit(attempt, timeoutNs);
    attempt.call.start(metadata, this.#listenTo(attempt));
    if (this.#isReading && !attempt.isOver) attempt.call.startRead();
    this.#sendOn(attempt);
  }

  #listenTo(attempt: Attempt): InterceptingListener {
    return {
      onReceiveMetadata: (metadata) => {
        if (attempt.isOver) return;
        this.#answered();
        this.#listener?.onReceiveMetadata?.(metadata);
      },
      onReceiveMessage: (message: unknown) => {
        if (attempt.isOver) return;
        if (message === null) attempt.hasNoReply = true;
        else {
          this.#answered();
          this.#listener?.onReceiveMessage?.(message);
        }
      },
      onReceiveStatus: (status) => {
        if (attempt.isOver) return;
        attempt.isOver = true;
        this.#forgetTimer();
        this.#budgetRegains();
        this.#attemptEnded(attempt, status);
      },
    };
  }

  #budgetRegains(): void {
    const { budget } = this.#context.policy;
    budget.attemptEnded();
    if (this.#made > 1) budget.giveBack();
  }

  /** Gives a stream up that has no answer in time. */
  #limit(attempt: Attempt, timeoutNs: number): void {
    const { now } = this.#context;
    const details = `no answer to the attempt within ${formatDuration(timeoutNs)}`;
    const giveUp = () => attempt.call.cancelWithStatus(DEADLINE_EXCEEDED, details);
    this.#forgetTimer = callAt(now() + timeoutNs, giveUp, now);
  }

  /** Sends what there is to send, as far as the attempt takes it. */
  #sendOn(attempt: Attempt): void {
    while (!attempt.isWriting && !attempt.isOver) {
      const request = this.#requests.at(attempt.next);
      if (request === undefined) break;
      attempt.next++;
      attempt.isWriting = true;
      const written = (error?: Error | null) => {
        const tell = request.written;
        request.written = undefined;
        tell?.(error);
        if (!attempt.isWriting) return;
        attempt.isWriting = false;
        this.#sendOn(attempt);
      };
      const context = request.flags === undefined ? {} : { flags: request.flags };
      attempt.call.sendMessageWithContext({ ...context, callback: written }, request.message);
      if (this.#isCommitted) this.#requests.forget(attempt.next);
    }
    const isSent = attempt.next === this.#requests.count;
    if (!isSent || !this.#isHalfClosed || attempt.isHalfClosed || attempt.isOver) return;
    attempt.isHalfClosed = true;
    attempt.call.halfClose();
  }

  /** There is part of an answer. */
  #answered(): void {
    if (this.#hasAnswer) return;
    this.#hasAnswer = true;
    this.#forgetTimer();
    this.#commit();
  }

  /** No attempt comes after the one that is going on, or is waited for. */
  #commit(): void {
    this.#isCommitted = true;
    this.#requests.forget(this.#attempt?.isOver === false ? this.#attempt.next : 0);
  }

  #attemptEnded(attempt: Attempt, status: StatusObject): void {
    const { policy, now } = this.#context;
    if (this.#cancelled !== undefined) {
      this.#end(attempt, status);
      return;
    }
    const { code, metadata } = status;
    const deadlineMs = Number(this.#options.deadline ?? Number.POSITIVE_INFINITY);
    const decision = decideRetry(
      { code, trailer: (key) => metadata.get(key) },
      {
        made: this.#made,
        waits: this.#waits,
        isCommitted: this.#isCommitted,
        leftNs: (deadlineMs - Date.now()) * NS_PER_MS,
      },
      policy,
    );
    if (decision.next === 'end') {
      if (decision.denied !== undefined) this.#context.denied(this.#method, decision.denied);
      this.#end(attempt, status);
      return;
    }
    this.#waits = decision.wasTold ? 0 : this.#waits + 1;
    const retry = () => {
      this.#forgetTimer = () => {};
      this.#context.retried(this.#method);
      this.#startAttempt();
    };
    this.#forgetTimer = callAt(now() + decision.afterNs, retry, now);
  }

  #end(attempt: Attempt, status: StatusObject): void {
    this.#isOver = true;
    this.#requests.end();
    if (attempt.hasNoReply) this.#listener?.onReceiveMessage?.(null);
    this.#listener?.onReceiveStatus?.(status);
  }

  /** While no attempt is open; in a turn of its own, as all ends come. */
  #endLater(status: StatusObject): void {
    this.#forgetTimer();
    // Attempts were made, so it is the wait for the next that ends.
    if (this.#made > 0) this.#context.policy.budget.giveBack();
    this.#isOver = true;
    process.nextTick(() => {
      this.#requests.end();
      this.#listener?.onReceiveStatus?.(status);
    });
  }
}

/** Not beyond the call's own deadline. */
function withTimeout(options: Options, timeoutNs: number): Options {
  const deadlineMs = Date.now() + timeoutNs / NS_PER_MS;
  return { ...options, deadline: Math.min(Number(options.deadline ?? Infinity), deadlineMs) };
}
