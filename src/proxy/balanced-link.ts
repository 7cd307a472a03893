/**
 * A client's connection and those to the backends that its calls were spread over, one to each.
 *
 *               ┌── line ──► b0
 *   client ── link ── line ──► b1        a line is made for the first call that is placed on it
 *               └── line ──► b2
 *
 * The client sees one server that stays: its settings and pings are answered here, and no backend's
 * GOAWAY or loss reaches it, but for the calls that were under way there.
 */
import type { Direction } from '../faults/call-effect.js';
import type { ConnectionHost, FaultTimer } from '../faults/fault.js';
import { SETTINGS_TIMEOUT } from '../http2/error-code.js';
import type { HeaderBlock } from '../http2/header-block.js';
import type { Settings } from '../http2/settings.js';
import { BalancedStream } from './balanced-stream.js';
import type { Balancer, Upstream } from './balancer.js';
import type { ShapedSocket } from './bytes/shaped-socket.js';
import { ClientEnd, type ClientEndOwner } from './client-end.js';
import { type CallStarter, FaultedCalls } from './faulted-calls.js';
import type { Link } from './link.js';
import { CallCount, type ProxyCounters } from './proxy-counters.js';
import type { ProxyFaults } from './proxy-faults.js';
import { raise } from './raise.js';
import { HEADER_LIST_BYTES_MAX, type RelayEnd } from './relay-end.js';
import { NO_LIMIT, WINDOW_BYTES_MAX } from './relay-link.js';
import type { RelayStream } from './relay-stream.js';
import { UNAVAILABLE, type WaitingCall } from './server-end.js';
import { type LineOwner, UpstreamLine } from './upstream-line.js';

/** How often a call is placed, for each backend there is, before it is given up. */
const PLACEMENTS_MAX = 2;

export interface BalancedContext {
  /** Shared by all clients. */
  readonly balancer: Balancer;
  readonly counters: ProxyCounters;
  readonly faults: ProxyFaults;
  /** The client comes over TLS. */
  readonly isSecure: boolean;
  /** How long the client may take to say its part of HTTP/2's handshake, in ms. */
  readonly handshakeMs: number;
  /** A connection to a backend could not be made, or was lost. */
  onUpstreamLost(reason: string): void;
  /** The client is gone, and all connections with it. */
  onGone(link: Link): void;
}

export class BalancedLink implements Link, ClientEndOwner, LineOwner, CallStarter {
  readonly balancer: Balancer;
  readonly counters: ProxyCounters;
  readonly #context: BalancedContext;
  readonly #client: ClientEnd;
  readonly #calls: FaultedCalls;
  readonly #count: CallCount;
  /** Those that take calls. */
  readonly #lines = new Map<Upstream, UpstreamLine>();
  /** Also those that only finish theirs. */
  readonly #allLines = new Set<UpstreamLine>();
  /** How many faults want a direction's pings dropped, or its window kept. */
  readonly #droppedPings = { up: 0, down: 0 };
  readonly #stalledWindows = { up: 0, down: 0 };
  /** The streams that faults allow the client, the latest last. */
  readonly #streamLimits: { readonly streams: number }[] = [];
  readonly #handshakeTimer: NodeJS.Timeout;
  #windowBytes = WINDOW_BYTES_MAX;
  #isClientGone = false;

  /** @param socket a client's, paused. */
  constructor(socket: ShapedSocket, context: BalancedContext) {
    this.#context = context;
    this.balancer = context.balancer;
    this.counters = context.counters;
    this.#count = new CallCount(context.counters);
    this.#calls = new FaultedCalls(context.faults, this);
    const limits = {
      initialWindowSize: WINDOW_BYTES_MAX,
      maxHeaderListSize: HEADER_LIST_BYTES_MAX,
    };
    this.#client = new ClientEnd(socket, limits, this);
    this.#handshakeTimer = setTimeout(() => {
      const { connection } = this.#client;
      if (connection.unacknowledgedSettings === 0) return;
      connection.close(SETTINGS_TIMEOUT, 'the handshake takes too long');
    }, context.handshakeMs).unref();
    socket.resume();
  }

  get heldBytes(): number {
    let bytes = this.#client.heldBytes;
    for (const { end } of this.#allLines) bytes += end.heldBytes;
    return bytes;
  }

  get unacknowledgedSettings(): number {
    return this.#client.connection.unacknowledgedSettings;
  }

  get callCount(): number {
    let count = 0;
    for (const { end } of this.#allLines) count += end.callCount;
    return count;
  }

  destroy(): void {
    this.#client.transport.destroy();
    for (const line of this.#allLines) line.destroy();
  }

  /** What faults do downwards they do on every connection to a backend. */
  connectionHost(after: FaultTimer['after']): ConnectionHost {
    return {
      after,
      goaway: (last, code, debug) => this.#client.sendGoaway(last, code, debug),
      limitStreams: (streams) => this.#limitStreams(streams),
      dropPings: (direction) => raise(this.#droppedPings, direction, () => {}),
      stallWindow: (direction) =>
        raise(this.#stalledWindows, direction, (isStalled) => {
          for (const end of this.#sendersOf(direction)) end.connection.holdWindow(isStalled);
        }),
      sendSettings: (direction) => {
        const receivers = this.#sendersOf(direction === 'up' ? 'down' : 'up');
        for (const end of receivers) end.connection.announce({});
      },
    };
  }

  /** `up`: the client sends. */
  #sendersOf(direction: Direction): readonly RelayEnd[] {
    return direction === 'up' ? [this.#client] : [...this.#allLines].map(({ end }) => end);
  }

  #limitStreams(streams: number): () => void {
    const limit = { streams };
    const announce = () => {
      const maxConcurrentStreams = this.#streamLimits.at(-1)?.streams ?? NO_LIMIT;
      this.#client.connection.announce({ maxConcurrentStreams });
    };
    this.#streamLimits.push(limit);
    announce();
    return () => {
      this.#streamLimits.splice(this.#streamLimits.indexOf(limit), 1);
      announce();
    };
  }

  onCall(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    this.#count.call(block);
    const toServer = new BalancedStream(this.#client, stream);
    if (this.#calls.areOrdinary(block)) this.start(toServer, block, endStream);
    else this.#calls.open(toServer, block, endStream);
  }

  /** Places a call; also again, when the connection that it waited for did not come about. */
  start(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    const placed = stream as BalancedStream;
    const upstream = this.#isWorthPlacing(placed) ? this.balancer.pick() : undefined;
    if (upstream === undefined) {
      const why = this.balancer.whyNone();
      placed.over();
      placed.other.answer({ code: UNAVAILABLE, details: `no backend takes the call: ${why}` });
      return;
    }
    const { end } = this.#lineTo(upstream);
    placed.place(upstream, end);
    end.start(placed, block, endStream);
  }

  #isWorthPlacing({ placements }: BalancedStream): boolean {
    return !this.#isClientGone && placements < PLACEMENTS_MAX * this.balancer.upstreams.length;
  }

  onUnplaced({ stream, block, endStream }: WaitingCall): void {
    this.start(stream, block, endStream);
  }

  onCallLost(stream: RelayStream): void {
    this.counters.callsLost++;
    stream.answer({ code: UNAVAILABLE, details: LOST });
  }

  onClientSettings({ initialWindowSize }: Readonly<Settings>): void {
    this.#windowBytes = Math.min(initialWindowSize, WINDOW_BYTES_MAX);
    for (const { end } of this.#allLines) {
      end.connection.announce({ initialWindowSize: this.#windowBytes });
    }
  }

  /** Keepalive is between the proxy and each side. */
  onClientPing(): boolean {
    return this.#droppedPings.up > 0;
  }

  onServerPing(): boolean {
    return this.#droppedPings.down > 0;
  }

  /** It says so itself when its calls are over. */
  onClientLeaving(): void {}

  onClientGone(): void {
    this.#isClientGone = true;
    clearTimeout(this.#handshakeTimer);
    for (const line of this.#allLines) line.destroy();
    this.#checkGone();
  }

  onLeaving(line: UpstreamLine): void {
    if (this.#lines.get(line.upstream) === line) this.#lines.delete(line.upstream);
  }

  onLineGone(line: UpstreamLine, reason: string | undefined): void {
    this.#allLines.delete(line);
    if (this.#isClientGone) this.#checkGone();
    else if (reason !== undefined) this.#context.onUpstreamLost(`${line.upstream.name}: ${reason}`);
  }

  #lineTo(upstream: Upstream): UpstreamLine {
    const known = this.#lines.get(upstream);
    if (known !== undefined) return known;
    const line = new UpstreamLine(upstream, this.#windowBytes, this, this.#context.isSecure);
    line.end.other = this.#client;
    this.#lines.set(upstream, line);
    this.#allLines.add(line);
    if (this.#stalledWindows.down > 0) line.end.connection.holdWindow(true);
    return line;
  }

  #checkGone(): void {
    if (this.#isClientGone && this.#allLines.size === 0) this.#context.onGone(this);
  }
}

const LOST = 'the connection to the server was lost';
