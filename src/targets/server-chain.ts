/**
 * The interceptors of a backend, and where they stand:
 *
 *   network ──► counting ──► the scenario's chain, in its order ──► faults and capacity ──► handler
 *
 * Faults and service time are the service's, so the chain is around them: what an interceptor measures
 * has them in it, and it sees and may map the statuses of faults. Attempts are counted before it, by the
 * status that leaves. Health and reflection pass by the chain, as they do by faults.
 *
 * A backend without a chain is counted where it is hosted (`hosted-call.ts`), with one object a call less.
 */
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { interceptors as ours } from '../interceptors/index.js';
import { serverChain } from '../interceptors/make-chain.js';
import { ChainObservations } from '../interceptors/observations.js';
import { loadInterceptorModules } from '../interceptors/user-modules.js';
import { ATTEMPTS_KEY, parseAttempts } from './call-host.js';
import type { TargetConfig } from './protocol.js';
import { CHAT_SERVICE } from './protos.js';
import type { TargetCounters } from './target-counters.js';

type Call = Parameters<ServerInterceptor>[1];
type Listener = Parameters<Call['start']>[0];
type Status = Parameters<Call['sendStatus']>[0];

export interface ServerChain {
  /** To stand before what hosts the calls. */
  readonly interceptors: readonly ServerInterceptor[];
  readonly observations: ChainObservations;
  /** For what hosts the calls: the chain's end counts them already. */
  readonly hostCounters: TargetCounters;
}

/** @returns undefined when the backend has no interceptors. */
export async function openServerChain(
  { backend, seed, interceptorModules = [] }: TargetConfig,
  counters: TargetCounters,
): Promise<ServerChain | undefined> {
  const { interceptors: specs = [] } = backend;
  if (specs.length === 0) return undefined;
  const kinds = { ...ours, ...(await loadInterceptorModules(interceptorModules)) };
  const observations = new ChainObservations();
  const chain = serverChain(specs, { seed, place: backend.name, kinds, observations });
  const nothing = () => {};
  return {
    interceptors: [countingInterceptor(counters), ...chain].map(onChatOnly),
    observations,
    hostCounters: { ...counters, received: nothing, answered: nothing, cancelled: nothing },
  };
}

function onChatOnly(intercept: ServerInterceptor): ServerInterceptor {
  const chatPrefix = `/${CHAT_SERVICE}/`;
  return (method, call) =>
    method.path.startsWith(chatPrefix)
      ? intercept(method, call)
      : // grpc-js asks nothing of it but that it is a call.
        (call as ServerInterceptingCall);
}

function countingInterceptor(counters: TargetCounters): ServerInterceptor {
  return (_method, call) => new CountedCall(counters, call);
}

/** One attempt, counted as it comes and as it leaves. */
class CountedCall extends ServerInterceptingCall implements Listener {
  readonly #counters: TargetCounters;
  readonly #call: Call;
  #next: Listener | undefined;
  #isOver = false;

  constructor(counters: TargetCounters, call: Call) {
    super(call);
    this.#counters = counters;
    this.#call = call;
  }

  override start(next: Listener): void {
    this.#next = next;
    this.#call.start(this);
  }

  onReceiveMetadata(metadata: Metadata): void {
    const [attempts] = metadata.get(ATTEMPTS_KEY);
    this.#counters.received(parseAttempts(attempts === undefined ? undefined : String(attempts)));
    this.#next?.onReceiveMetadata(metadata);
  }

  onReceiveMessage(message: unknown): void {
    this.#next?.onReceiveMessage(message);
  }

  onReceiveHalfClose(): void {
    this.#next?.onReceiveHalfClose();
  }

  /** grpc-js calls it at the end of every call, answered or not. */
  onCancel(): void {
    if (!this.#isOver) this.#counters.cancelled();
    this.#isOver = true;
    this.#next?.onCancel();
  }

  override sendMetadata(metadata: Metadata): void {
    this.#call.sendMetadata(metadata);
  }

  override sendMessage(message: unknown, callback: () => void): void {
    this.#call.sendMessage(message, callback);
  }

  override sendStatus(status: Status): void {
    if (!this.#isOver) this.#counters.answered(status.code);
    this.#isOver = true;
    this.#call.sendStatus(status);
  }
}
