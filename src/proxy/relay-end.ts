/**
 * One of the two connections that a relay stands between: its streams by their slots, and what both
 * connections do alike.
 */
import type { Connection } from '../http2/connection.js';
import type {
  ConnectionHandler,
  ConnectionOptions,
  ResetCause,
} from '../http2/connection-options.js';
import { CANCEL, REFUSED_STREAM } from '../http2/error-code.js';
import type { HeaderBlock } from '../http2/header-block.js';
import type { HeaderField } from '../http2/header-field.js';
import type { Settings } from '../http2/settings.js';
import type { SocketTransport, TransportEvents } from '../http2/socket-transport.js';
import { BlockTemplates } from './block-templates.js';
import { countHeld, type ProxyCounters } from './proxy-counters.js';
import type { RelayStream } from './relay-stream.js';

/** Metadata larger than what most servers and clients take by themselves may pass. */
export const HEADER_LIST_BYTES_MAX = 262_144;
/**
 * Octets that may wait for one peer, of all its streams: above it the connection that they come from
 * gets no window back, and then a stuck stream does stop others.
 */
const HELD_BYTES_MAX = 16_777_216;

/**
 * Streams are given back their windows by what leaves on the other side. The connection's is given
 * back at once: a stream that is stuck stops no other.
 */
export const RELAY_OPTIONS = {
  windowUpdates: 'manual-streams',
  connectionWindowBytes: 1_048_576,
  limits: {
    blockBytesMax: HEADER_LIST_BYTES_MAX,
    // Deadlines that pass by the thousand are what a load may be made of.
    resets: { burst: 50_000, perSecond: 10_000 },
  },
} as const satisfies Omit<ConnectionOptions, 'role'>;

/** Makes a transport for an end. */
export type OpenTransport = (
  handler: ConnectionHandler,
  events: TransportEvents,
) => SocketTransport;

export abstract class RelayEnd implements ConnectionHandler {
  readonly transport: SocketTransport;
  readonly connection: Connection;
  /** The end that what is sent here comes from; set once both are there. */
  other: RelayEnd | undefined;
  /** By the slots of the connection's streams. */
  protected readonly streams: (RelayStream | undefined)[] = [];
  protected readonly templates: BlockTemplates;
  /** Streams with something to send when the socket takes more. */
  #congested = new Set<RelayStream>();
  /** Octets in the hands of the streams. */
  #heldBytes = 0;
  #isFull = false;
  #isOverflowing = false;

  constructor(open: OpenTransport) {
    this.transport = open(this, {
      onOpen: () => this.onOpen(),
      onDrain: () => this.#drained(),
      onOverflow: () => this.#overflows(),
      onClose: (error) => this.onGone(error),
    });
    this.connection = this.transport.connection;
    this.templates = new BlockTemplates(this.connection, (block) => this.fieldsOf(block));
  }

  /** Where it counts. */
  abstract get counters(): ProxyCounters;

  /** The socket takes no more for now. */
  get isCongested(): boolean {
    return this.transport.isCongested;
  }

  /** Octets that wait here to be sent, in the streams' hands and the socket's. */
  get heldBytes(): number {
    return this.#heldBytes + this.transport.pendingBytes;
  }

  /** A stream holds so many octets more, or fewer. */
  countHeld(octets: number): void {
    this.#heldBytes += octets;
    countHeld(this.counters, octets);
    const isFull = this.#heldBytes > (this.#isFull ? HELD_BYTES_MAX / 2 : HELD_BYTES_MAX);
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.other?.connection.holdWindow(isFull);
  }

  /** A stream that was never started will not be. */
  forget(_stream: RelayStream): void {}

  /** Lets a stream flush when the socket takes more again. */
  onceDrained(stream: RelayStream): void {
    this.#congested.add(stream);
  }

  /** Sends a header block on a stream that was started. */
  sendBlock({ id }: RelayStream, block: HeaderBlock, endStream: boolean): void {
    const template = this.templates.find(block, endStream);
    if (template !== undefined) this.connection.sendTemplate(id, template);
    else this.connection.sendHeaders(id, this.fieldsOf(block), endStream);
    if (this.isCongested) this.transport.flush();
  }

  /** What of a block is sent here: all as it came. */
  protected fieldsOf(block: HeaderBlock): readonly HeaderField[] {
    return block.fields;
  }

  abstract onHeaders(id: number, block: HeaderBlock, endStream: boolean, slot: number): void;

  onData(
    id: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
    slot: number,
  ): void {
    const stream = this.streams[slot];
    if (stream === undefined) this.connection.consume(id, end - start);
    else stream.other.sendData(bytes, start, end, endStream);
  }

  onReset(_id: number, code: number, cause: ResetCause, slot: number): void {
    const stream = this.streams[slot];
    if (stream === undefined) return;
    stream.over();
    if (cause === 'connection') this.onStreamLost(stream);
    else stream.other.reset(cause === 'unprocessed' ? REFUSED_STREAM : code);
  }

  onStreamEnd(_id: number, slot: number): void {
    const stream = this.streams[slot];
    this.streams[slot] = undefined;
    stream?.over();
  }

  onWritable(_id: number, slot: number): void {
    this.streams[slot]?.flush();
  }

  /** The connection went, and one of its streams with it. */
  protected onStreamLost(stream: RelayStream): void {
    stream.other.reset(CANCEL);
  }

  protected onOpen(): void {}
  /** The socket is gone, and all streams have been told. */
  protected abstract onGone(error: Error | undefined): void;

  abstract onSettings(settings: Readonly<Settings>): void;
  abstract onGoaway(lastStreamId: number, code: number, debug: string): void;
  abstract onPing(payload: Buffer): boolean;
  abstract onIdle(): void;
  onClosed(): void {}

  /** Too much waits for the peer that no window holds back: the other end may not bring more of it. */
  #overflows(): void {
    if (this.#isOverflowing) return;
    this.#isOverflowing = true;
    this.other?.transport.pause();
  }

  #drained(): void {
    if (this.#isOverflowing) {
      this.#isOverflowing = false;
      this.other?.transport.resume();
    }
    const congested = this.#congested;
    this.#congested = new Set();
    for (const stream of congested) stream.flush();
  }
}
