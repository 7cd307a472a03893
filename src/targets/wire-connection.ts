/**
 * One connection of the wire server: which call each frame is of, and the short way for most of them.
 *
 * A Say whose message follows its headers, with nothing in its way, is answered as it is read: no
 * object is made for it, no clock is read, and its reply is a copy of the last one. Such a call is
 * **fresh** between its two frames. When anything else comes first it becomes a `WireCall` like all
 * others: another call's headers, a message in pieces, a line for service, or the turn's end. Only
 * then has it a deadline: what is answered in the turn it came in needs none.
 */
import type { Socket } from 'node:net';
import { STATUS_OK, statusCode } from '../base/status.js';
import type { Connection } from '../http2/connection.js';
import type { ConnectionHandler, ConnectionOptions } from '../http2/connection-options.js';
import { ENHANCE_YOUR_CALM, NO_ERROR } from '../http2/error-code.js';
import { MESSAGE_PREFIX_BYTES } from '../http2/grpc-message.js';
import type { HeaderBlock } from '../http2/header-block.js';
import { type HeaderField, headerFields } from '../http2/header-field.js';
import { Keepalive } from '../http2/keepalive.js';
import { PING_FRAME_BYTES, PingPolicy, TOO_MANY_PINGS } from '../http2/ping-policy.js';
import type { Settings } from '../http2/settings.js';
import { acceptTransport, type SocketTransport } from '../http2/socket-transport.js';
import type { WindowWaits } from '../http2/window-waits.js';
import type { Arrival, CallHost } from './call-host.js';
import type { Deadlines } from './deadlines.js';
import { wholeFramed } from './framed.js';
import { isOneMessage } from './one-message.js';
import { compressedReply } from './reply-compression.js';
import { SayReplies } from './say-replies.js';
import type { ServerKeepalive } from './server-keepalive.js';
import { type CallSite, WireCall } from './wire-call.js';
import type { WireChat } from './wire-chat.js';
import type { WireMethod } from './wire-method.js';
import {
  callIdOf,
  NO_REQUEST,
  RequestReader,
  timeoutNsOf,
  type WireRequest,
} from './wire-request.js';
import { GZIP_RESPONSE_HEADERS, trailersOnly } from './wire-status.js';

/** What all connections of a server share. */
export interface WireServices {
  readonly host: CallHost;
  /** What connections announce, beside what all do. */
  readonly settings: Partial<Settings>;
  readonly windowWaits: WindowWaits;
  /** Largest request message in octets. */
  readonly messageBytesMax: number;
  /** Replies to clients that read gzip are under it. */
  readonly compresses: boolean;
  /** Absent: it sends no pings, and takes any. */
  readonly keepalive: ServerKeepalive | undefined;
  readonly chat: WireChat;
  readonly methods: ReadonlyMap<string, WireMethod>;
  readonly deadlines: Deadlines;
  /** SayReply with its prefix. */
  readonly encodeSayReply: (delivered: number) => Uint8Array;
}

const OPTIONS: Omit<ConnectionOptions, 'role'> = {
  // Who is delayed or hung is not heard, and must be stopped by its stream's window.
  windowUpdates: 'manual-streams',
  limits: {
    // Mass cancels are what this server is here for: a run without deadlines' resets would be none.
    resets: { burst: 10_000_000, perSecond: 10_000_000 },
  },
};

export class WireConnection implements ConnectionHandler, CallSite {
  readonly connection: Connection;
  readonly host: CallHost;
  readonly deadlines: Deadlines;
  readonly messageBytesMax: number;
  readonly sayReplies: SayReplies;
  readonly gzipSayReplies: SayReplies | undefined;
  readonly #transport: SocketTransport;
  readonly #services: WireServices;
  readonly #requests: RequestReader;
  /** By the slots of their streams. */
  readonly #calls: (WireCall | undefined)[] = [];
  /** Calls that have more to send when the socket takes more. */
  readonly #waiting = new Set<WireCall>();
  /** The fresh call's stream; 0 when there is none, and the next four mean nothing then. */
  #freshId = 0;
  #freshSlot = 0;
  #freshRequest: WireRequest = NO_REQUEST;
  #freshFields: readonly HeaderField[] = NO_REQUEST.fields;
  #freshArrival: Arrival | undefined;
  readonly #pingPolicy: PingPolicy | undefined;
  #pingsAnswered = 0;
  #isTurnEndPlanned = false;
  #isPaused = false;
  #isDraining = false;

  /** @param onClose told when the socket is gone; all calls are over by then. */
  constructor(socket: Socket, services: WireServices, onClose: (self: WireConnection) => void) {
    this.#services = services;
    this.host = services.host;
    this.deadlines = services.deadlines;
    this.messageBytesMax = services.messageBytesMax;
    this.#requests = new RequestReader(services.methods, services.compresses);
    const { settings, windowWaits } = services;
    this.#transport = acceptTransport(socket, { ...OPTIONS, settings, windowWaits }, this, {
      onDrain: () => this.#drained(),
      onClose: () => {
        keepalive?.stop();
        onClose(this);
      },
    });
    this.connection = this.#transport.connection;
    const { pings, allows } = services.keepalive ?? {};
    const keepalive = pings && new Keepalive(this.connection, pings, () => this.destroy());
    this.#pingPolicy = allows && new PingPolicy(allows, services.host.now);
    const { encodeSayReply } = services;
    this.sayReplies = new SayReplies(this.connection, encodeSayReply);
    const encodeGzip = (delivered: number) =>
      compressedReply(wholeFramed(encodeSayReply(delivered))).bytes;
    this.gzipSayReplies = services.compresses
      ? new SayReplies(this.connection, encodeGzip, GZIP_RESPONSE_HEADERS)
      : undefined;
  }

  /** Takes no more calls, and closes when those that it has are over. */
  drain(): void {
    this.#isDraining = true;
    this.connection.shutdown();
  }

  /** Ends at once. */
  destroy(): void {
    this.#transport.destroy();
  }

  isCongested(call: WireCall): boolean {
    const { isCongested } = this.#transport;
    if (isCongested) this.#waiting.add(call);
    return isCongested;
  }

  onHeaders(streamId: number, block: HeaderBlock, endStream: boolean, slot: number): void {
    if (this.#freshId !== 0) this.#settle(false);
    if (block.kind === 'trailers') {
      this.#calls[slot]?.data(NO_BYTES, 0, 0, true);
      return;
    }
    if (this.#transport.isCongested) this.#pause();
    const { fields } = block;
    const request = this.#requests.read(fields);
    const { method } = request;
    if (request.refusal !== 0 || method === undefined) {
      this.#refuse(streamId, request);
      return;
    }
    const arrival = method.isHosted ? this.#arrived(request, fields) : undefined;
    this.#freshId = streamId;
    this.#freshSlot = slot;
    this.#freshRequest = request;
    this.#freshFields = fields;
    this.#freshArrival = arrival;
    if (method !== this.#services.chat.say || endStream) {
      this.#settle(false);
      if (endStream) this.#calls[slot]?.data(NO_BYTES, 0, 0, true);
    } else if (!this.#isTurnEndPlanned) {
      this.#isTurnEndPlanned = true;
      queueMicrotask(this.#endTurn);
    }
  }

  onData(
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
    slot: number,
  ): void {
    if (this.#freshId !== 0) {
      const isWhole = streamId === this.#freshId && endStream;
      const isSmall = end - start - MESSAGE_PREFIX_BYTES <= this.messageBytesMax;
      if (isWhole && isSmall && this.#isUnhindered() && isOneMessage(bytes, start, end)) {
        this.#answer(bytes, start, end);
        return;
      }
      this.#settle(isWhole);
    }
    this.#calls[slot]?.data(bytes, start, end, endStream);
  }

  onReset(streamId: number, _code: number, _cause: unknown, slot: number): void {
    if (streamId === this.#freshId) this.#settle(false);
    this.#calls[slot]?.cancelled();
  }

  onStreamEnd(_streamId: number, slot: number): void {
    const call = this.#calls[slot];
    if (call === undefined) return;
    this.#calls[slot] = undefined;
    if (this.#waiting.size > 0) this.#waiting.delete(call);
  }

  onWritable(_streamId: number, slot: number): void {
    this.#calls[slot]?.drained();
  }

  onSettings(): void {}

  onGoaway(): void {}

  /** The connection answers, unless that is the end of it. */
  onPing(): boolean {
    if (this.#pingPolicy === undefined) return false;
    const { connection } = this;
    const pings = this.#pingsAnswered++ + connection.pingsSent;
    const sentOctets = this.#transport.sentBytes - pings * PING_FRAME_BYTES;
    const isTooMany = this.#pingPolicy.isTooMany(connection.streamCount > 0, sentOctets);
    if (isTooMany) connection.close(ENHANCE_YOUR_CALM, TOO_MANY_PINGS);
    return isTooMany;
  }

  onIdle(): void {
    if (this.#isDraining) this.#transport.finish();
  }

  onClosed(): void {}

  /** Counts an attempt, and asks about it if there is anything to ask. */
  #arrived(request: WireRequest, fields: readonly HeaderField[]): Arrival | undefined {
    const { host } = this;
    const { path, previousAttempts } = request;
    if (!host.isPlain) {
      const valuesOf = host.faults.asksMetadata
        ? (key: string) => valuesIn(fields, key)
        : undefined;
      return host.arrived(path, previousAttempts, callIdOf(request, fields), valuesOf);
    }
    host.counters.received(previousAttempts);
    return undefined;
  }

  /** Neither a fault, a line for service nor a next tier stands in the fresh call's way, or counts it. */
  #isUnhindered(): boolean {
    const arrival = this.#freshArrival;
    if (!this.host.isInstant || this.#services.chat.mayWait) return false;
    return arrival === undefined || (arrival.effect === undefined && arrival.tie === undefined);
  }

  /** The short way: the fresh call's whole message is here. */
  #answer(bytes: Uint8Array, start: number, end: number): void {
    const { chat } = this.#services;
    const { room, gzipsReplies } = this.#freshRequest;
    const streamId = this.#freshId;
    this.#freshId = 0;
    const delivered = chat.take(room, { bytes, start, end });
    this.host.counters.answered(STATUS_OK);
    const replies = gzipsReplies ? this.gzipSayReplies : undefined;
    (replies ?? this.sayReplies).send(streamId, delivered);
  }

  /**
   * The long way, for the call that was fresh until now.
   * @param isHalfClosed its client is known to say nothing after what comes next.
   */
  #settle(isHalfClosed: boolean): void {
    const streamId = this.#freshId;
    this.#freshId = 0;
    const { method, room, staysSilent, encoding, gzipsReplies } = this.#freshRequest;
    if (method === undefined) return;
    const timeoutNs = timeoutNsOf(this.#freshRequest, this.#freshFields);
    const arrival = this.#freshArrival;
    const slot = this.#freshSlot;
    const call = new WireCall(this, {
      streamId,
      slot,
      method,
      room,
      staysSilent,
      encoding,
      gzipsReplies,
      timeoutNs,
      arrival,
      isHalfClosed,
    });
    this.#calls[slot] = call;
    call.start();
  }

  readonly #endTurn = (): void => {
    this.#isTurnEndPlanned = false;
    if (this.#freshId !== 0) this.#settle(false);
  };

  /** Answers what is no call of ours. Only the peer's own end of the stream is left open. */
  #refuse(streamId: number, { refusal, path }: WireRequest): void {
    const code = statusCode('UNIMPLEMENTED');
    const details = `The server does not implement the method ${path}`;
    const fields =
      refusal === 0
        ? trailersOnly({ code, details })
        : headerFields([[':status', String(refusal)]]);
    this.connection.sendHeaders(streamId, fields, true);
    this.connection.reset(streamId, NO_ERROR);
  }

  /** A client that does not read its replies is not asked for more of them. */
  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#transport.socket.pause();
  }

  #drained(): void {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#transport.socket.resume();
    }
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const call of waiting) call.drained();
  }
}

function valuesIn(fields: readonly HeaderField[], key: string): string[] {
  return fields.filter(({ name }) => name === key).map(({ value }) => value);
}

const NO_BYTES = new Uint8Array(0);
