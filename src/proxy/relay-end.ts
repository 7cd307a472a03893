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
import type { ProxyCounters } from './proxy-counters.js';
import type { RelayStream } from './relay-stream.js';

/**
 * Streams are given back their windows by what leaves on the other side. The connection's is given
 * back at once: a stream that is stuck stops no other.
 */
export const RELAY_OPTIONS = {
  windowUpdates: 'manual-streams',
  connectionWindowBytes: 1_048_576,
  limits: {
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
  /** By the slots of the connection's streams. */
  protected readonly streams: (RelayStream | undefined)[] = [];
  protected readonly templates: BlockTemplates;
  /** Streams with something to send when the socket takes more. */
  #congested = new Set<RelayStream>();

  constructor(open: OpenTransport) {
    this.transport = open(this, {
      onOpen: () => this.onOpen(),
      onDrain: () => this.#drained(),
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
    let bytes = this.transport.pendingBytes;
    for (const stream of this.streams) bytes += stream?.heldBytes ?? 0;
    return bytes;
  }

  /** Lets a stream flush when the socket takes more again. */
  onceDrained(stream: RelayStream): void {
    this.#congested.add(stream);
  }

  /** Sends a header block on a stream that was started. */
  sendBlock({ id }: RelayStream, block: HeaderBlock, endStream: boolean): void {
    const template = this.templates.find(block, endStream);
    if (template !== undefined) this.connection.sendTemplate(id, template);
    else this.connection.sendHeaders(id, this.fieldsOf(block), endStream);
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

  #drained(): void {
    const congested = this.#congested;
    this.#congested = new Set();
    for (const stream of congested) stream.flush();
  }
}
