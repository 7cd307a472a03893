/**
 * The server interceptor: stands between grpc-js and the chat's handlers, on every attempt.
 *
 *   metadata ──► arrived ──┬─ abort after arrival ──► status
 *                          ├─ hang ───(the fault's end)──┐
 *                          ├─ delay ──(time)─────────────┤
 *                          └─ all others ────────────────┴──► handler
 *   half-close of a call with one reply ──► service ──┬─ abort after service ──► status
 *                                                     └─ handler ──► reply
 *            (a Say calls the next tier after its service, where there is one, and before the rest)
 *   reply ──┬─ pace, garble, abort after messages ──► hosted-replies.ts
 *           └─ all others ──► client
 *
 * A call with a stream of replies takes no service: it lasts as long as its client wants. An abort
 * "after service" of one is therefore sent at its arrival.
 *
 * It extends grpc-js's ServerInterceptingCall and overrides what that would do through a chain of
 * listener and responder objects, which cost several allocations a call.
 */
import {
  Metadata,
  type MetadataValue,
  ServerInterceptingCall,
  type ServerInterceptor,
  status as statusCodes,
} from '@grpc/grpc-js';
import { CALL_ID_KEY } from '../base/call-id.js';
import { callAt, NS_PER_MS } from '../base/clock.js';
import type { AbortEffect, CallEffect } from '../faults/call-effect.js';
import { AttemptWork, type WorkedFor } from './attempt-work.js';
import { type Arrival, ATTEMPTS_KEY, type CallHost, parseAttempts } from './call-host.js';
import {
  abortingReplies,
  garbledReplies,
  type HostedReplies,
  pacedReplies,
} from './hosted-replies.js';
import { type GatheredOnward, onwardOf } from './onward-request.js';
import { CHAT_SERVICE } from './protos.js';

// grpc-js does not export these types by name.
type Call = Parameters<ServerInterceptor>[1];
type MethodDefinition = Parameters<ServerInterceptor>[0];
type Listener = Parameters<Call['start']>[0];
type Status = Parameters<Call['sendStatus']>[0];

/** Hosts every call of the chat; health and reflection pass untouched. */
export function hostInterceptor(host: CallHost): ServerInterceptor {
  const chatPrefix = `/${CHAT_SERVICE}/`;
  return (method, call) =>
    method.path.startsWith(chatPrefix)
      ? new HostedCall(host, method, call)
      : new ServerInterceptingCall(call);
}

/** One attempt; owns the timer of its delay. */
class HostedCall extends ServerInterceptingCall implements Listener, WorkedFor {
  readonly #host: CallHost;
  readonly #method: MethodDefinition;
  readonly #call: Call;
  #handler: Listener | undefined;
  /** This and the work are there from its metadata on. */
  #arrival: Arrival | undefined;
  #work: AttemptWork | undefined;
  #cancelDelay: (() => void) | undefined;
  /** Takes replies in the client's place, where a fault acts on them. */
  #replies: HostedReplies | undefined;
  /** Its call to the next tier, where there is one. */
  #onward: GatheredOnward | undefined;
  #isAnswered = false;
  #isGone = false;

  constructor(host: CallHost, method: MethodDefinition, call: Call) {
    super(call);
    this.#host = host;
    this.#method = method;
    this.#call = call;
  }

  override start(handler: Listener): void {
    this.#handler = handler;
    this.#call.start(this);
  }

  onReceiveMetadata(metadata: Metadata): void {
    const host = this.#host;
    const attempts = parseAttempts(firstOf(metadata, ATTEMPTS_KEY));
    const callId = firstOf(metadata, CALL_ID_KEY);
    const valuesOf = host.faults.asksMetadata
      ? (key: string) => metadata.get(key).map(textOf)
      : undefined;
    const arrival = host.arrived(this.#method.path, attempts, callId, valuesOf);
    const { effect, tie } = arrival;
    this.#arrival = arrival;
    this.#work = new AttemptWork(host, arrival, this);
    if (host.next !== undefined) {
      this.#onward = onwardOf(host.next, this.#method, metadata, arrival, host.now);
    }
    tie?.onHit((later) => {
      if (later.effect === 'pace' && this.#replies === undefined) this.#pace(later.intervalNs);
    });
    if (effect === undefined) this.#handler?.onReceiveMetadata(metadata);
    else this.#meet(effect, () => this.#handler?.onReceiveMetadata(metadata));
  }

  /** @param begin hands the call on. Nothing else of it arrives before: only the handler asks for it. */
  #meet(effect: CallEffect, begin: () => void): void {
    const { now } = this.#host;
    const call = this.#call;
    switch (effect.effect) {
      case 'abort':
        if (typeof effect.stage === 'object') {
          this.#replies = abortingReplies(call, effect.stage.messages, () => this.#abort(effect));
        } else if (effect.after === 'service' && !this.#method.responseStream) {
          this.#work?.endWith(effect);
        } else {
          this.#abort(effect);
          return;
        }
        break;
      case 'delay':
        this.#cancelDelay = callAt(now() + effect.ns, begin, now);
        return;
      case 'hang':
        this.#arrival?.tie?.onFaultOver(begin);
        return;
      case 'persist':
        this.#work?.persist();
        break;
      case 'pace':
        this.#pace(effect.intervalNs);
        break;
      case 'garble':
        this.#replies = garbledReplies(call, this.#method, effect.garbling, () =>
          this.sendStatus({ code: statusCodes.OK, details: 'OK' }),
        );
        break;
    }
    begin();
  }

  onReceiveMessage(message: unknown): void {
    this.#onward?.take(message);
    this.#handler?.onReceiveMessage(message);
  }

  onReceiveHalfClose(): void {
    if (this.#method.responseStream || this.#work === undefined) {
      this.#handler?.onReceiveHalfClose();
    } else if (!this.#work.serve()) {
      this.sendStatus({ code: statusCodes.RESOURCE_EXHAUSTED, details: 'queue full' });
    }
  }

  /** grpc-js calls it at the end of every call, answered or not. */
  onCancel(): void {
    this.#isGone = true;
    this.#cancelDelay?.();
    this.#replies?.letGo();
    this.#work?.abandon();
    this.#work?.untie();
    if (!this.#isAnswered) {
      this.#host.counters.cancelled();
      this.#arrival?.sample?.ended();
    }
    this.#handler?.onCancel();
  }

  override sendMetadata(metadata: Metadata): void {
    this.#call.sendMetadata(metadata);
  }

  override sendMessage(message: unknown, callback: () => void): void {
    if (this.#replies === undefined) this.#call.sendMessage(message, callback);
    else this.#replies.send(message, callback);
  }

  override sendStatus(status: Status): void {
    if (!this.#isAnswered && !this.#isGone) {
      this.#isAnswered = true;
      this.#host.counters.answered(status.code);
      this.#arrival?.sample?.ended(status.code);
      this.#work?.untie();
    }
    this.#call.sendStatus(status);
  }

  get isOver(): boolean {
    return this.#isGone;
  }

  /** grpc-js knows deadlines in ms of the wall clock; the queue in ns of the monotonic one. */
  get deadlineNs(): number {
    const deadlineMs = Number(this.#call.getDeadline());
    if (deadlineMs === Number.POSITIVE_INFINITY) return deadlineMs;
    return this.#host.now() + (deadlineMs - Date.now()) * NS_PER_MS;
  }

  onward(): GatheredOnward | undefined {
    return this.#onward;
  }

  answer(abort: AbortEffect | undefined): void {
    if (abort === undefined) this.#handler?.onReceiveHalfClose();
    else this.#abort(abort);
  }

  /** From now on, a stream of replies keeps to a rate. */
  #pace(intervalNs: number): void {
    if (!this.#method.responseStream) return;
    const replies = pacedReplies(this.#call, intervalNs, this.#host.now);
    this.#replies = replies;
    this.#arrival?.tie?.onFaultOver(() => replies.letGo());
  }

  #abort({ code, details, pushback, stage }: AbortEffect): void {
    if (stage === 'after-headers') this.#call.sendMetadata(new Metadata());
    const metadata = new Metadata();
    if (pushback !== undefined) metadata.set('grpc-retry-pushback-ms', pushback);
    this.sendStatus({ code, details, metadata });
  }
}

/** The first value of a metadata key. */
function firstOf(metadata: Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return value === undefined ? undefined : String(value);
}

/** A value of metadata as faults compare it: octets in base64. */
function textOf(value: MetadataValue): string {
  return typeof value === 'string' ? value : value.toString('base64');
}
