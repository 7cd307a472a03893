/**
 * The wire driver: our own HTTP/2 and gRPC client, for load. It asks a server for as much as the
 * machine can at a fraction of a real client's CPU, and has no balancer and no retry of its own: calls
 * go to the addresses in turn, and there over a number of connections in turn.
 *
 * A call is repeated once though, uncharged, when the server promises that it did not look at it
 * (gRFC A6): its stream is above the last one of a GOAWAY, or was refused.
 */
import { monotonicNowNs } from '../../base/clock.js';
import { RunError } from '../../base/errors.js';
import { statusCode } from '../../base/status.js';
import type { CallMetadata } from '../../calls/call-metadata.js';
import type { CallChannel, OnReply, ReadingSide } from '../../calls/channel.js';
import type { CallTicket } from '../../calls/ticket.js';
import { WindowWaits } from '../../http2/window-waits.js';
import type { Driver, DriverContext } from '../driver.js';
import type { ClientSpec } from '../spec.js';
import { type WaitsForReady, waitForReadyOf } from '../wait-for-ready.js';
import { backoffTimes } from './connection-backoff.js';
import { DeadlineQueue } from './deadline-queue.js';
import { type Follower, followDiscovery } from './follow-discovery.js';
import { WaitingCalls } from './waiting-calls.js';
import { type WireAddress, wireAddresses } from './wire-address.js';
import { WireCall } from './wire-call.js';
import { type EndpointContext, failLater, WireEndpoint } from './wire-endpoint.js';
import { WireRequests } from './wire-requests.js';
import { WireStream } from './wire-stream.js';

const RESOURCE_EXHAUSTED = statusCode('RESOURCE_EXHAUSTED');
const NO_METADATA: CallMetadata = {};

/** A client of the given addresses (`host:port`, `unix:/path`). */
export function createWireDriver(
  addresses: readonly string[],
  spec: ClientSpec,
  { random, onConnectionLost, discovery }: DriverContext,
): Driver {
  const deadlines = new Deadlines();
  const places = wireAddresses(addresses, spec.tls);
  const windowWaits = new WindowWaits();
  const context: EndpointContext = {
    connections: spec.connections ?? 1,
    times: backoffTimes(spec),
    random,
    keepalive: spec.keepalive,
    setup: {
      windowWaits,
      ...(spec.streamWindowBytes === undefined
        ? {}
        : { settings: { initialWindowSize: spec.streamWindowBytes } }),
    },
    numbering: { last: 0 },
    waiting: { now: 0 },
    onLost: onConnectionLost,
  };
  const waits = waitForReadyOf(spec.serviceConfig);
  const channels = Array.from(
    { length: spec.channels },
    () => new WireChannel(places, deadlines, new WireRequests(spec), context, waits),
  );
  const unfollow =
    discovery === undefined
      ? []
      : channels.map((channel) => followDiscovery(discovery, channel, places, spec.tls));
  return {
    channels,
    async ready(timeoutMs) {
      await Promise.all(channels.map((channel) => channel.ready(timeoutMs)));
    },
    takeWindowWaits: () => windowWaits.take(),
    [Symbol.dispose]() {
      for (const end of unfollow) end();
      for (const channel of channels) channel.close();
      deadlines.clear();
    },
  };
}

/** A deadline queue for each length of time that calls are given. */
class Deadlines {
  readonly #queues = new Map<number, DeadlineQueue>();
  /** The one used last: calls of one load all have the same. */
  #last: DeadlineQueue | undefined;

  add(call: WireCall, timeoutNs: number): void {
    let queue = this.#last?.timeoutNs === timeoutNs ? this.#last : this.#queues.get(timeoutNs);
    if (queue === undefined) {
      queue = new DeadlineQueue(timeoutNs, monotonicNowNs);
      this.#queues.set(timeoutNs, queue);
    }
    this.#last = queue;
    const { owner, sentNs } = call.ticket;
    queue.add(call, owner.zeroNs + sentNs);
  }

  clear(): void {
    for (const queue of this.#queues.values()) queue.clear();
  }
}

class WireChannel implements CallChannel, Follower {
  #endpoints: readonly WireEndpoint[];
  /** Not named any more, with calls that have not ended. */
  readonly #left = new Set<WireEndpoint>();
  readonly #context: EndpointContext;
  readonly #deadlines: Deadlines;
  readonly #requests: WireRequests;
  readonly #sendBytesMax: number;
  readonly #waits: WaitsForReady | undefined;
  /** Those that wait for a connection to anybody. */
  readonly #waitingForReady: WaitingCalls;
  #next = 0;
  #onReady: () => void = () => {};

  constructor(
    addresses: readonly WireAddress[],
    deadlines: Deadlines,
    requests: WireRequests,
    context: EndpointContext,
    waits: WaitsForReady | undefined,
  ) {
    this.#deadlines = deadlines;
    this.#requests = requests;
    this.#sendBytesMax = requests.format.sendBytesMax;
    this.#context = context;
    this.#waits = waits;
    this.#waitingForReady = new WaitingCalls(context.waiting);
    this.#endpoints = addresses.map((address) => this.#connect(address));
  }

  /** Goes on with these addresses: connections to those that it has stay, the others are left. */
  use(addresses: readonly WireAddress[]): void {
    const before = this.#endpoints;
    const known = (address: WireAddress) => before.find((one) => one.address === address);
    this.#endpoints = addresses.map((address) => known(address) ?? this.#connect(address));
    this.#next = 0;
    for (const endpoint of before) {
      if (this.#endpoints.includes(endpoint)) continue;
      this.#left.add(endpoint);
      endpoint.leave(() => this.#left.delete(endpoint));
    }
    this.#sendWaiting();
  }

  unary(
    method: string,
    message: Buffer,
    ticket: CallTicket,
    deadlineNs: number | undefined,
    metadata: CallMetadata = NO_METADATA,
    onReply?: OnReply,
  ): void {
    const request = this.#requests.ofMessage(method, message, deadlineNs, metadata);
    const call = new WireCall(ticket, request, onReply);
    this.#openUnlessTooLarge(call, method, message, deadlineNs);
  }

  serverStream(
    method: string,
    message: Buffer,
    ticket: CallTicket,
    deadlineNs: number | undefined,
    metadata: CallMetadata,
    onMessage: OnReply,
  ): ReadingSide {
    const request = this.#requests.ofMessage(method, message, deadlineNs, metadata);
    const call = new WireCall(ticket, request, onMessage, true);
    this.#openUnlessTooLarge(call, method, message, deadlineNs);
    return call;
  }

  clientStream(
    method: string,
    ticket: CallTicket,
    deadlineNs: number | undefined,
    metadata: CallMetadata,
    onReply?: OnReply,
  ): WireStream {
    const request = this.#requests.ofStream(method, deadlineNs, metadata);
    return this.#openStream(new WireCall(ticket, request, onReply), method, deadlineNs);
  }

  stream(
    method: string,
    ticket: CallTicket,
    deadlineNs: number | undefined,
    metadata: CallMetadata,
    onMessage: OnReply,
  ): WireStream {
    const request = this.#requests.ofStream(method, deadlineNs, metadata);
    return this.#openStream(new WireCall(ticket, request, onMessage, true), method, deadlineNs);
  }

  async ready(timeoutMs: number): Promise<void> {
    const isReady = () => this.#endpoints.every((endpoint) => endpoint.isReady);
    const timedOut = await new Promise<boolean>((resolve) => {
      // A thread that was busy itself looks at what has come meanwhile first.
      const timer = setTimeout(() => setImmediate(resolve, true), timeoutMs);
      this.#onReady = () => {
        if (!isReady()) return;
        clearTimeout(timer);
        resolve(false);
      };
      this.#onReady();
    });
    if (!timedOut) return;
    const missing = this.#endpoints.filter((endpoint) => !endpoint.isReady);
    const addresses = missing.map(({ address }) => address.name).join(', ');
    const problems = new Set(missing.flatMap(({ problem }) => problem ?? []));
    const why = problems.size === 0 ? '' : `: ${[...problems].join('; ')}`;
    throw new RunError(`no connection to ${addresses} within ${timeoutMs / 1000} s${why}`);
  }

  close(): void {
    for (const endpoint of [...this.#endpoints, ...this.#left]) endpoint.close();
    for (const call of this.#waitingForReady.takeAll()) failLater(call);
  }

  #connect(address: WireAddress): WireEndpoint {
    return new WireEndpoint(
      address,
      this.#context,
      (call) => this.#dispatch(call),
      () => {
        this.#onReady();
        this.#sendWaiting();
      },
    );
  }

  #openUnlessTooLarge(
    call: WireCall,
    method: string,
    { length }: Buffer,
    deadlineNs: number | undefined,
  ): void {
    if (length <= this.#sendBytesMax) {
      this.#open(call, method, deadlineNs);
      return;
    }
    call.ticket.carrier = call;
    setImmediate(() => call.stop(RESOURCE_EXHAUSTED));
  }

  #openStream(call: WireCall, method: string, deadlineNs: number | undefined): WireStream {
    const stream = new WireStream(call);
    this.#open(call, method, deadlineNs);
    return stream;
  }

  #open(call: WireCall, method: string, deadlineNs: number | undefined): void {
    call.ticket.carrier = call;
    if (this.#waits?.(method)) call.waitsForReady = true;
    if (deadlineNs !== undefined) this.#deadlines.add(call, deadlineNs);
    this.#dispatch(call);
  }

  /** In turn, passing over those that would fail it at once, while there are others. */
  #dispatch(call: WireCall): void {
    if (call.ended) return;
    const endpoints = this.#endpoints;
    const { length } = endpoints;
    for (let tried = 0; tried < length; tried++) {
      const endpoint = endpoints[this.#next];
      this.#next = this.#next + 1 < length ? this.#next + 1 : 0;
      if (endpoint?.dispatch(call) === true) return;
    }
    // All are in backoff, or name resolution names nobody.
    this.#nobodyTakes(call);
  }

  #nobodyTakes(call: WireCall): void {
    if (call.waitsForReady) this.#waitingForReady.push(call);
    else failLater(call);
  }

  #sendWaiting(): void {
    if (this.#waitingForReady.count === 0) return;
    for (const call of this.#waitingForReady.takeAll()) this.#dispatch(call);
  }
}
