/** The proxy's connection to a server: we are its client. */
import { statusCode } from '../base/status.js';
import { ReplyStatus } from '../drivers/wire/reply-status.js';
import type { ResetCause } from '../http2/connection-options.js';
import { REFUSED_STREAM } from '../http2/error-code.js';
import type { HeaderBlock } from '../http2/header-block.js';
import type { HeaderField } from '../http2/header-field.js';
import type { Settings } from '../http2/settings.js';
import { connectTransport, type TransportAddress } from '../http2/socket-transport.js';
import type { ProxyCounters } from './proxy-counters.js';
import { HEADER_LIST_BYTES_MAX, RELAY_OPTIONS, RelayEnd } from './relay-end.js';
import type { RelayStream } from './relay-stream.js';
import { type Scheme, withScheme } from './scheme.js';

/** What a server's connection tells its link. */
export interface ServerEndOwner {
  readonly counters: ProxyCounters;
  /** The first SETTINGS of the server, or other ones. */
  onServerSettings(settings: Readonly<Settings>): void;
  onServerPing(payload: Buffer): boolean;
  onServerGoaway(lastStreamId: number, code: number, debug: string): void;
  /** A call whose server's connection went under it. */
  onCallLost(stream: RelayStream): void;
  /** Trailers came, or a trailers-only answer, with this gRPC status. */
  onStatus(code: number): void;
  onServerGone(error: Error | undefined): void;
  /**
   * A call that has no stream yet will get none here: the connection ends, of itself or with an error.
   * @returns whether the owner takes care of it.
   */
  onUnstarted?(call: WaitingCall, error: Error | undefined): boolean;
}

/** Octets of header blocks that may wait for streams; calls beyond are refused, and may be repeated. */
const WAITING_BYTES_MAX = 4_194_304;

/** A call for which there is no stream yet. */
export interface WaitingCall {
  readonly stream: RelayStream;
  readonly block: HeaderBlock;
  readonly endStream: boolean;
}

export class ServerEnd extends RelayEnd {
  readonly #owner: ServerEndOwner;
  readonly #scheme: Scheme | undefined;
  readonly #replies = new ReplyStatus();
  /** Calls for which there is no stream yet, by their streams, in the order in which they came. */
  readonly #waiting = new Map<RelayStream, WaitingCall>();
  #waitingBytes = 0;
  #isReady = false;
  #isLeaving = false;

  /** @param scheme said in place of the clients'; theirs when undefined. */
  constructor(
    address: TransportAddress,
    settings: Partial<Settings>,
    owner: ServerEndOwner,
    scheme: Scheme | undefined,
  ) {
    super((handler, events) =>
      connectTransport(
        address,
        { ...RELAY_OPTIONS, settings: { maxHeaderListSize: HEADER_LIST_BYTES_MAX, ...settings } },
        handler,
        events,
      ),
    );
    this.#owner = owner;
    this.#scheme = scheme;
  }

  protected override fieldsOf({ fields }: HeaderBlock): readonly HeaderField[] {
    return this.#scheme === undefined ? fields : withScheme(fields, this.#scheme);
  }

  get counters(): ProxyCounters {
    return this.#owner.counters;
  }

  /** Calls that are under way or wait. */
  get callCount(): number {
    return this.connection.streamCount + this.#waiting.size;
  }

  /** The server's settings are here: what it allows is known. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Starts a call's stream, at once if the server allows it. */
  start(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    if (this.#isLeaving || this.#waitingBytes > WAITING_BYTES_MAX) {
      stream.other.reset(REFUSED_STREAM);
    } else if (this.#waiting.size === 0 && this.#isReady && this.connection.canStart) {
      this.#startNow(stream, block, endStream);
    } else {
      this.#waiting.set(stream, { stream, block, endStream });
      this.#waitingBytes += block.size;
    }
  }

  /** Its client has given a call up that had no stream yet. */
  override forget(stream: RelayStream): void {
    this.#waitingBytes -= this.#waiting.get(stream)?.block.size ?? 0;
    this.#waiting.delete(stream);
  }

  /** The calls that wait, which do so no more. */
  #takeWaiting(): WaitingCall[] {
    const calls = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#waitingBytes = 0;
    return calls;
  }

  #startNow(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    const { connection } = this;
    const template = this.templates.find(block, endStream);
    const id =
      template === undefined
        ? connection.start(this.fieldsOf(block), endStream)
        : connection.startTemplate(template);
    const slot = connection.slotOf(id);
    this.streams[slot] = stream;
    stream.started(id, slot);
    if (this.isCongested) this.transport.flush();
  }

  #startWaiting(): void {
    for (const [stream, { block, endStream }] of this.#waiting) {
      if (!this.connection.canStart) return;
      this.forget(stream);
      this.#startNow(stream, block, endStream);
    }
  }

  onHeaders(_id: number, block: HeaderBlock, endStream: boolean, slot: number): void {
    const stream = this.streams[slot];
    if (stream === undefined) return;
    if (endStream) this.#owner.onStatus(this.#replies.ofLastBlock(block));
    stream.other.sendBlock(block, endStream);
  }

  override onStreamEnd(id: number, slot: number): void {
    super.onStreamEnd(id, slot);
    if (this.#waiting.size > 0) this.#startWaiting();
  }

  /** The highest of the client's streams that a GOAWAY of the server lets go on. */
  lastClientStreamId(lastStreamId: number, lastBegun: number): number {
    let lowestRefused = lastBegun + 2;
    const refuse = ({ other }: RelayStream) => {
      lowestRefused = Math.min(lowestRefused, other.id);
    };
    for (const stream of this.streams) {
      if (stream !== undefined && stream.id > lastStreamId) refuse(stream);
    }
    for (const stream of this.#waiting.keys()) refuse(stream);
    return Math.max(lowestRefused - 2, 0);
  }

  onSettings(settings: Readonly<Settings>): void {
    this.#isReady = true;
    this.#owner.onServerSettings(settings);
    this.#startWaiting();
  }

  onGoaway(lastStreamId: number, code: number, debug: string): void {
    this.#isLeaving = true;
    this.#owner.onServerGoaway(lastStreamId, code, debug);
    for (const call of this.#takeWaiting()) {
      if (!this.#owner.onUnstarted?.(call, undefined)) call.stream.other.reset(REFUSED_STREAM);
    }
  }

  onPing(payload: Buffer): boolean {
    return this.#owner.onServerPing(payload);
  }

  onIdle(): void {
    this.transport.finish();
  }

  override onReset(id: number, code: number, cause: ResetCause, slot: number): void {
    if (cause === 'peer') this.counters.resetsByServers++;
    const stream = this.streams[slot];
    if (cause === 'done' && stream !== undefined) {
      // The whole answer is here: the server wants no more of the request. What is held of the answer
      // still goes out.
      const { other } = stream;
      stream.over();
      other.afterHeld(() => other.reset(code));
    } else super.onReset(id, code, cause, slot);
  }

  protected override onStreamLost(stream: RelayStream): void {
    this.#owner.onCallLost(stream.other);
  }

  protected onGone(error: Error | undefined): void {
    this.#isLeaving = true;
    for (const call of this.#takeWaiting()) {
      if (!this.#owner.onUnstarted?.(call, error)) this.#owner.onCallLost(call.stream.other);
    }
    this.#owner.onServerGone(error);
  }
}

export const UNAVAILABLE = statusCode('UNAVAILABLE');
