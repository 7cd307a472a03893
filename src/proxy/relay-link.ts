/**
 * A client's connection and the one connection to the server that stands behind it.
 *
 * The two ends see each other's word: the client is told the server's limits before its first frame,
 * pings go through and are answered from the other side, a GOAWAY is passed on with the stream ids that
 * it means on the other connection, and when one connection is gone the other follows.
 */
import { tlsReason } from '../drivers/wire/close-reason.js';
import type { ConnectionHost, FaultTimer } from '../faults/fault.js';
import { NO_ERROR, SETTINGS_TIMEOUT } from '../http2/error-code.js';
import { INT31_MAX } from '../http2/frame.js';
import type { HeaderBlock } from '../http2/header-block.js';
import type { Settings } from '../http2/settings.js';
import type { TransportAddress } from '../http2/socket-transport.js';
import type { ShapedSocket } from './bytes/shaped-socket.js';
import { ClientEnd, type ClientEndOwner } from './client-end.js';
import { EarlyOctets } from './early-octets.js';
import { FaultedCalls } from './faulted-calls.js';
import type { Link } from './link.js';
import { CallCount, type ProxyCounters } from './proxy-counters.js';
import type { ProxyFaults } from './proxy-faults.js';
import { raise } from './raise.js';
import { HEADER_LIST_BYTES_MAX } from './relay-end.js';
import { RelayStream } from './relay-stream.js';
import type { Scheme } from './scheme.js';
import { ServerEnd, type ServerEndOwner, UNAVAILABLE } from './server-end.js';

/** Larger stream windows are not passed on: what is held for a stuck reader is bounded by them. */
export const WINDOW_BYTES_MAX = 1_048_576;
/** No limit was announced (RFC 9113 §6.5.2). */
export const NO_LIMIT = 0xffff_ffff;

/** What a link is told and tells. */
export interface LinkContext {
  readonly upstream: TransportAddress;
  /** What requests say to the server in place of the client's word, where one side only has TLS. */
  readonly scheme?: Scheme | undefined;
  readonly counters: ProxyCounters;
  readonly faults: ProxyFaults;
  /** How long either peer may take to say its part of HTTP/2's handshake, in ms. */
  readonly handshakeMs: number;
  /** Both connections are gone. `reason`: the server's went first, and why. */
  onGone(link: Link, reason: string | undefined): void;
}

export class RelayLink implements Link, ClientEndOwner, ServerEndOwner {
  readonly counters: ProxyCounters;
  readonly #context: LinkContext;
  readonly #socket: ShapedSocket;
  readonly #server: ServerEnd;
  readonly #calls: FaultedCalls;
  readonly #count: CallCount;
  #client: ClientEnd | undefined;
  /** What the client said before the server had said anything. */
  #early: EarlyOctets | undefined;
  /** Until the handshakes are done, and again when the server is gone and the client stays. */
  #timer: NodeJS.Timeout;
  #reason: string | undefined;
  #isClientLeaving = false;
  #isClientGone = false;
  #isServerGone = false;
  /** How many faults want a direction's pings dropped, or its window kept. */
  readonly #droppedPings = { up: 0, down: 0 };
  readonly #stalledWindows = { up: 0, down: 0 };
  /** The streams that faults allow the client, the latest last. */
  readonly #streamLimits: { readonly streams: number }[] = [];

  /** @param socket a client's, paused: it is served once the server has said what it allows. */
  constructor(socket: ShapedSocket, context: LinkContext) {
    this.#context = context;
    this.counters = context.counters;
    this.#count = new CallCount(context.counters);
    this.#socket = socket;
    this.#server = new ServerEnd(context.upstream, {}, this, context.scheme);
    this.#calls = new FaultedCalls(context.faults, this.#server);
    this.#early = new EarlyOctets(socket, () => this.onClientGone());
    this.#timer = this.#after(context.handshakeMs, () => {
      this.#server.transport.destroy(new Error('the server did not answer in time'));
    });
  }

  #after(ms: number, act: () => void): NodeJS.Timeout {
    clearTimeout(this.#timer);
    return setTimeout(act, ms).unref();
  }

  /** Ends both connections at once. */
  destroy(): void {
    this.#socket.destroy();
    this.#server.transport.destroy();
  }

  /** Octets that wait in it. */
  get heldBytes(): number {
    return this.#server.heldBytes + (this.#client?.heldBytes ?? 0);
  }

  /** SETTINGS frames that the client has not acknowledged. */
  get unacknowledgedSettings(): number {
    return this.#client?.connection.unacknowledgedSettings ?? 0;
  }

  /** Calls under way. */
  get callCount(): number {
    return this.#server.callCount;
  }

  /** What connection faults may do to it. */
  connectionHost(after: FaultTimer['after']): ConnectionHost {
    return {
      after,
      goaway: (last, code, debug) => this.#client?.sendGoaway(last, code, debug),
      limitStreams: (streams) => this.#limitStreams(streams),
      dropPings: (direction) => raise(this.#droppedPings, direction, () => {}),
      stallWindow: (direction) =>
        raise(this.#stalledWindows, direction, (isStalled) => {
          const sender = direction === 'up' ? this.#client : this.#server;
          sender?.connection.holdWindow(isStalled);
        }),
      sendSettings: (direction) => {
        const end = direction === 'up' ? this.#server : this.#client;
        end?.connection.announce({});
      },
    };
  }

  onServerSettings(settings: Readonly<Settings>): void {
    if (this.#isClientGone) return;
    if (this.#client !== undefined) {
      this.#client.connection.announce(this.#limitsOf(settings));
      return;
    }
    this.#early?.giveBack();
    this.#early = undefined;
    const client = new ClientEnd(this.#socket, this.#limitsOf(settings), this);
    this.#client = client;
    client.other = this.#server;
    this.#server.other = client;
    if (this.#stalledWindows.up > 0) client.connection.holdWindow(true);
    this.#socket.resume();
    this.#timer = this.#after(this.#context.handshakeMs, () => {
      if (client.connection.unacknowledgedSettings === 0) return;
      client.connection.close(SETTINGS_TIMEOUT, 'the handshake takes too long');
    });
  }

  /** What the client is told of what the server allows, and of what faults do. */
  #limitsOf(settings: Readonly<Settings>): Partial<Settings> {
    const { maxConcurrentStreams, initialWindowSize, maxHeaderListSize } = settings;
    const streams = this.#streamLimits.at(-1)?.streams ?? maxConcurrentStreams;
    return {
      ...(streams !== NO_LIMIT && { maxConcurrentStreams: streams }),
      initialWindowSize: Math.min(initialWindowSize, WINDOW_BYTES_MAX),
      maxHeaderListSize: Math.min(maxHeaderListSize, HEADER_LIST_BYTES_MAX),
    };
  }

  onClientSettings({ initialWindowSize }: Readonly<Settings>): void {
    const windowBytes = Math.min(initialWindowSize, WINDOW_BYTES_MAX);
    this.#server.connection.announce({ initialWindowSize: windowBytes });
  }

  onCall(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    this.#count.call(block);
    const toServer = new RelayStream(this.#server, stream);
    if (this.#calls.areOrdinary(block)) this.#server.start(toServer, block, endStream);
    else this.#calls.open(toServer, block, endStream);
  }

  onStatus(code: number): void {
    const { statuses } = this.counters;
    statuses[code] = (statuses[code] ?? 0) + 1;
  }

  onCallLost(stream: RelayStream): void {
    this.counters.callsLost++;
    stream.answer({ code: UNAVAILABLE, details: LOST });
  }

  onClientPing(payload: Buffer): boolean {
    if (this.#droppedPings.up > 0) return true;
    return this.#server.connection.ping(() => this.#client?.connection.answerPing(payload));
  }

  onServerPing(payload: Buffer): boolean {
    if (this.#droppedPings.down > 0) return true;
    const client = this.#client?.connection;
    return client?.ping(() => this.#server.connection.answerPing(payload)) ?? false;
  }

  onServerGoaway(lastStreamId: number, code: number, debug: string): void {
    const client = this.#client?.connection;
    if (client === undefined) return;
    const last =
      lastStreamId === INT31_MAX
        ? INT31_MAX
        : this.#server.lastClientStreamId(lastStreamId, client.lastPeerStreamId);
    client.goaway(last, code, debug);
    // It need not read them: many of them are too many.
    this.#client?.transport.flush();
  }

  onClientLeaving(code: number, debug: string): void {
    this.#isClientLeaving = true;
    // Of streams that a server would begin: there are none.
    this.#server.connection.goaway(0, code, debug);
  }

  onClientGone(): void {
    if (this.#isClientGone) return;
    this.#isClientGone = true;
    // It may have said no more than that it sends nothing.
    this.#socket.destroy();
    // Its streams have been reset by now: let the server hear of it.
    this.#server.transport.flush();
    this.#server.transport.destroy();
    this.#checkGone();
  }

  onServerGone(error: Error | undefined): void {
    this.#isServerGone = true;
    if (!this.#isClientGone) {
      const reason = tlsReason(error) ?? error?.message ?? 'the server closed the connection';
      if (!this.#isClientLeaving) this.#reason = reason;
      const client = this.#client?.connection;
      if (client === undefined) this.#socket.destroy();
      else client.goaway(client.lastPeerStreamId, NO_ERROR, reason);
      this.#timer = this.#after(this.#context.handshakeMs, this.#onLinger);
    }
    this.#checkGone();
  }

  /** The server is gone and the client stays: it may, as long as it still has answers to read. */
  readonly #onLinger = () => {
    if ((this.#client?.heldBytes ?? 0) === 0) this.#socket.destroy();
    else this.#timer = this.#after(this.#context.handshakeMs, this.#onLinger);
  };

  #checkGone(): void {
    if (!this.#isClientGone || !this.#isServerGone) return;
    clearTimeout(this.#timer);
    this.#context.onGone(this, this.#reason);
  }

  #limitStreams(streams: number): () => void {
    const limit = { streams };
    const announce = () => {
      const { peerSettings } = this.#server.connection;
      const streamsNow = this.#limitsOf(peerSettings).maxConcurrentStreams ?? NO_LIMIT;
      this.#client?.connection.announce({ maxConcurrentStreams: streamsNow });
    };
    this.#streamLimits.push(limit);
    announce();
    return () => {
      this.#streamLimits.splice(this.#streamLimits.indexOf(limit), 1);
      announce();
    };
  }
}

const LOST = 'the connection to the server was lost';
