/**
 * The server interceptor: stands between grpc-js and the chat's handlers, on every attempt.
 *
 *   metadata ──► arrived ──┬─ abort after arrival ──► status
 *                          ├─ hang ──────────────────► (nothing, until the client gives up)
 *                          ├─ delay ──(time)──┐
 *                          └─ none ───────────┴──► handler
 *   half-close of a call with one reply ──► service ──┬─ abort after service ──► status
 *                                                     └─ handler ──► reply
 *
 * A call with a stream of replies takes no service: it lasts as long as its client wants. An abort
 * "after service" of one is therefore sent at its arrival.
 *
 * It extends grpc-js's ServerInterceptingCall and overrides what that would do through a chain of
 * listener and responder objects, which cost several allocations a call.
 */
import {
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
  status as statusCodes,
} from '@grpc/grpc-js';
import { CALL_ID_KEY } from '../base/call-id.js';
import { callAt, NS_PER_MS } from '../base/clock.js';
import type { CallEffect, CallView } from '../faults/fault.js';
import { ATTEMPTS_KEY, type CallHost, parseAttempts } from './call-host.js';
import { CHAT_SERVICE } from './protos.js';

// grpc-js does not export these types by name.
type Call = Parameters<ServerInterceptor>[1];
type MethodDefinition = Parameters<ServerInterceptor>[0];
type Listener = Parameters<Call['start']>[0];
type Status = Parameters<Call['sendStatus']>[0];
type AbortEffect = Extract<CallEffect, { effect: 'abort' }>;

/** Hosts every call of the chat; health and reflection pass untouched. */
export function hostInterceptor(host: CallHost): ServerInterceptor {
  const chatPrefix = `/${CHAT_SERVICE}/`;
  return (method, call) =>
    method.path.startsWith(chatPrefix)
      ? new HostedCall(host, method, call)
      : new ServerInterceptingCall(call);
}

/** One attempt; owns the timer of its delay. */
class HostedCall extends ServerInterceptingCall implements Listener {
  readonly #host: CallHost;
  readonly #method: MethodDefinition;
  readonly #call: Call;
  #handler: Listener | undefined;
  #view: CallView | undefined;
  #abortAfterService: AbortEffect | undefined;
  #cancelDelay: (() => void) | undefined;
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
    const attempts = parseAttempts(firstOf(metadata, ATTEMPTS_KEY));
    const callId = firstOf(metadata, CALL_ID_KEY);
    const { call, effect } = this.#host.arrived(this.#method.path, attempts, callId);
    this.#view = call;
    switch (effect?.effect) {
      case undefined:
        this.#handler?.onReceiveMetadata(metadata);
        break;
      case 'abort':
        if (effect.after === 'service' && !this.#method.responseStream) {
          this.#abortAfterService = effect;
          this.#handler?.onReceiveMetadata(metadata);
        } else this.#abort(effect);
        break;
      case 'delay':
        // Nothing else of the call arrives meanwhile: only the handler asks for its messages.
        this.#cancelDelay = callAt(
          this.#host.now() + effect.ns,
          () => this.#handler?.onReceiveMetadata(metadata),
          this.#host.now,
        );
        break;
      case 'hang':
        break;
    }
  }

  onReceiveMessage(message: unknown): void {
    this.#handler?.onReceiveMessage(message);
  }

  onReceiveHalfClose(): void {
    if (this.#method.responseStream || this.#view === undefined) {
      this.#handler?.onReceiveHalfClose();
      return;
    }
    const isAccepted = this.#host.serve(this.#view, {
      deadlineNs: this.#deadlineNs(),
      isGone: () => this.#isGone,
      finished: () => this.#served(),
    });
    if (isAccepted) return;
    this.sendStatus({ code: statusCodes.RESOURCE_EXHAUSTED, details: 'queue full' });
  }

  /** grpc-js calls it at the end of every call, answered or not. */
  onCancel(): void {
    this.#isGone = true;
    this.#cancelDelay?.();
    if (!this.#isAnswered) this.#host.counters.cancelled();
    this.#handler?.onCancel();
  }

  override sendMetadata(metadata: Metadata): void {
    this.#call.sendMetadata(metadata);
  }

  override sendMessage(message: unknown, callback: () => void): void {
    this.#call.sendMessage(message, callback);
  }

  override sendStatus(status: Status): void {
    if (!this.#isAnswered && !this.#isGone) {
      this.#isAnswered = true;
      this.#host.counters.answered(status.code);
    }
    this.#call.sendStatus(status);
  }

  #served(): void {
    if (this.#isGone) return;
    if (this.#abortAfterService === undefined) this.#handler?.onReceiveHalfClose();
    else this.#abort(this.#abortAfterService);
  }

  #abort({ code, details, pushbackMs }: AbortEffect): void {
    const metadata = new Metadata();
    if (pushbackMs !== undefined) metadata.set('grpc-retry-pushback-ms', String(pushbackMs));
    this.sendStatus({ code, details, metadata });
  }

  /** grpc-js knows deadlines in ms of the wall clock; the queue in ns of the monotonic one. */
  #deadlineNs(): number {
    const deadlineMs = Number(this.#call.getDeadline());
    if (deadlineMs === Number.POSITIVE_INFINITY) return deadlineMs;
    return this.#host.now() + (deadlineMs - Date.now()) * NS_PER_MS;
  }
}

/** The first value of a metadata key. */
function firstOf(metadata: Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return value === undefined ? undefined : String(value);
}
