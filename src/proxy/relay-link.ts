/**
 * A client's connection and the one connection to the server that stands behind it.
 *
 * The two ends see each other's word: the client is told the server's limits before its first frame,
 * pings go through and are answered from the other side, a GOAWAY is passed on with the stream ids that
 * it means on the other connection, and when one connection is gone the other follows.
 */
import type { Socket } from 'node:net';
import { INT31_MAX } from '../http2/frame.js';
import type { HeaderBlock } from '../http2/header-block.js';
import type { Settings } from '../http2/settings.js';
import type { TransportAddress } from '../http2/socket-transport.js';
import { ClientEnd, type ClientEndOwner } from './client-end.js';
import type { ProxyCounters } from './proxy-counters.js';
import { RelayStream } from './relay-stream.js';
import { ServerEnd, type ServerEndOwner, UNAVAILABLE } from './server-end.js';

/** Larger stream windows are not passed on: what is held for a stuck reader is bounded by them. */
const WINDOW_BYTES_MAX = 1_048_576;

/** What a link is told and tells. */
export interface LinkContext {
  readonly upstream: TransportAddress;
  readonly counters: ProxyCounters;
  /** Both connections are gone. `reason`: the server's went first, and why. */
  onGone(link: RelayLink, reason: string | undefined): void;
}

export class RelayLink implements ClientEndOwner, ServerEndOwner {
  readonly #context: LinkContext;
  readonly #socket: Socket;
  readonly #server: ServerEnd;
  #client: ClientEnd | undefined;
  #reason: string | undefined;
  #isClientGone = false;
  #isServerGone = false;

  /** @param socket a client's, paused: it is served once the server has said what it allows. */
  constructor(socket: Socket, context: LinkContext) {
    this.#context = context;
    this.#socket = socket;
    this.#server = new ServerEnd(context.upstream, {}, this);
    socket.once('error', this.#onEarlyEnd);
    socket.once('close', this.#onEarlyEnd);
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

  /** Calls under way. */
  get callCount(): number {
    return this.#server.callCount;
  }

  readonly #onEarlyEnd = () => {
    this.onClientGone();
  };

  onServerSettings({ maxConcurrentStreams, initialWindowSize }: Readonly<Settings>): void {
    const limits = {
      ...(maxConcurrentStreams < 0xffff_ffff && { maxConcurrentStreams }),
      initialWindowSize: Math.min(initialWindowSize, WINDOW_BYTES_MAX),
    };
    if (this.#client !== undefined) {
      this.#client.connection.announce(limits);
      return;
    }
    if (this.#isClientGone) return;
    this.#socket.off('error', this.#onEarlyEnd);
    this.#socket.off('close', this.#onEarlyEnd);
    this.#client = new ClientEnd(this.#socket, limits, this);
    this.#socket.resume();
  }

  onClientSettings({ initialWindowSize }: Readonly<Settings>): void {
    const windowBytes = Math.min(initialWindowSize, WINDOW_BYTES_MAX);
    this.#server.connection.announce({ initialWindowSize: windowBytes });
  }

  onCall(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    this.#context.counters.callsStarted++;
    this.#server.start(new RelayStream(this.#server, stream), block, endStream);
  }

  onStatus(code: number): void {
    const { statuses } = this.#context.counters;
    statuses[code] = (statuses[code] ?? 0) + 1;
  }

  onCallLost(stream: RelayStream): void {
    this.#context.counters.callsLost++;
    if (!stream.isOver) this.#client?.answer(stream, UNAVAILABLE, LOST);
  }

  onClientPing(payload: Buffer): boolean {
    return this.#server.connection.ping(() => this.#client?.connection.answerPing(payload));
  }

  onServerPing(payload: Buffer): boolean {
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
  }

  onClientLeaving(code: number, debug: string): void {
    // Of streams that a server would begin: there are none.
    this.#server.connection.goaway(0, code, debug);
  }

  onClientGone(): void {
    if (this.#isClientGone) return;
    this.#isClientGone = true;
    // Its streams have been reset by now: let the server hear of it.
    this.#server.transport.flush();
    this.#server.transport.destroy();
    this.#checkGone();
  }

  onServerGone(error: Error | undefined): void {
    this.#isServerGone = true;
    if (!this.#isClientGone) {
      this.#reason = error?.message ?? 'the server closed the connection';
      const client = this.#client?.connection;
      if (client === undefined) this.#socket.destroy();
      else client.goaway(client.lastPeerStreamId, 0, this.#reason);
    }
    this.#checkGone();
  }

  #checkGone(): void {
    if (this.#isClientGone && this.#isServerGone) this.#context.onGone(this, this.#reason);
  }
}

const LOST = 'the connection to the server was lost';
