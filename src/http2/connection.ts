/**
 * One end of an HTTP/2 connection (RFC 9113): octets in, octets out, and what they mean.
 *
 *   octets ──receive──► FrameReader ──► FrameReceiver ──► ConnectionHandler (the owner)
 *                                            │ ConnectionCore: streams, windows, limits
 *   octets ◄─takeOutput── OutputBuffer ◄── FrameSender ◄── start, sendData, reset … (the owner)
 *
 * It knows no socket and no timer: the owner carries octets and keeps the time. Client and server
 * differ in who starts streams; a load driver, a server and a proxy stand on the same calls.
 */
import { ConnectionCore } from './connection-core.js';
import type { ConnectionHandler, ConnectionOptions } from './connection-options.js';
import { ConnectionError, NO_ERROR, PROTOCOL_ERROR } from './error-code.js';
import { CLIENT_PREFACE, FRAME_BYTES_DEFAULT, INT31_MAX, WINDOW_BYTES_DEFAULT } from './frame.js';
import { FrameReader } from './frame-reader.js';
import { FrameReceiver } from './frame-receiver.js';
import { FrameSender } from './frame-sender.js';
import { FrameTemplate, type TemplateParts, type TemplateValue } from './frame-template.js';
import { writePing, writeWindowUpdate } from './frame-writer.js';
import type { HeaderField } from './header-field.js';
import { HpackDecoder } from './hpack-decoder.js';
import { OwnSettings } from './own-settings.js';
import { type PingAnswer, PingBook } from './ping-book.js';
import type { Settings } from './settings.js';

/** What is announced unless told: windows large enough to keep WINDOW_UPDATE rare. */
const ANNOUNCED: Partial<Settings> = {
  initialWindowSize: 1024 * 1024,
  maxHeaderListSize: 65_536,
};

export class Connection {
  readonly #core: ConnectionCore;
  readonly #reader: FrameReader;
  readonly #sender: FrameSender;
  readonly #settings: OwnSettings;
  readonly #pings: PingBook;
  /** Octets of the client's preface that a server still has to see (§3.4). */
  #prefaceLeft: number;

  /** The preface, SETTINGS and the connection's window are in the output from the start. */
  constructor(options: ConnectionOptions, handler: ConnectionHandler) {
    const core = new ConnectionCore(options, handler);
    const announced: Partial<Settings> = { ...ANNOUNCED, ...options.settings };
    if (core.isClient) announced.enablePush = 0;
    else delete announced.enablePush;
    const decoder = new HpackDecoder({
      ...(announced.maxHeaderListSize !== undefined && {
        listSizeMax: announced.maxHeaderListSize,
      }),
    });
    this.#core = core;
    this.#sender = new FrameSender(core);
    this.#settings = new OwnSettings(core, decoder);
    this.#pings = new PingBook(core);
    const { blockBytesMax, continuationsMax } = core.limits;
    this.#reader = new FrameReader(
      new FrameReceiver(core, decoder, this.#sender, this.#settings, this.#pings),
      {
        frameBytesMax: announced.maxFrameSize ?? FRAME_BYTES_DEFAULT,
        blockBytesMax,
        continuationsMax,
      },
    );
    this.#prefaceLeft = core.isClient ? 0 : CLIENT_PREFACE.length;
    if (core.isClient) {
      const at = core.output.reserve(CLIENT_PREFACE.length);
      core.output.bytes.set(CLIENT_PREFACE, at);
    }
    this.#settings.send(announced);
    const extra = core.receiveWindowMax - WINDOW_BYTES_DEFAULT;
    if (extra > 0) writeWindowUpdate(core.output, 0, extra);
  }

  /** Streams that are not closed. */
  get streamCount(): number {
    return this.#core.table.count;
  }

  /** All slots are below it; it only grows. */
  get slotCount(): number {
    return this.#core.table.capacity;
  }

  /** No further call has an effect but `takeOutput`. */
  get isClosed(): boolean {
    return this.#core.isClosed;
  }

  /** The peer's first SETTINGS are here: from now on its limits are known. */
  get isReady(): boolean {
    return this.#core.hasPeerSettings;
  }

  /** What the peer announced. */
  get peerSettings(): Readonly<Settings> {
    return this.#core.peer;
  }

  /** SETTINGS frames of this end that the peer has not acknowledged. */
  get unacknowledgedSettings(): number {
    return this.#settings.unacknowledgedCount;
  }

  /** A client may start a stream now: no GOAWAY, and fewer streams than the peer allows. */
  get canStart(): boolean {
    return this.#sender.canStart;
  }

  /** Octets of the output that wait to be taken. */
  get outputBytes(): number {
    return this.#core.output.length;
  }

  /** Octets that `write` has kept because the peer's windows are used up. */
  get queuedBytes(): number {
    return this.#sender.queue.bytes;
  }

  /** Octets of incomplete frames and field blocks that are held. */
  get heldBytes(): number {
    return this.#reader.heldBytes;
  }

  /** Octets that may still be sent on the connection as a whole. */
  get sendWindowBytes(): number {
    return this.#core.sendWindow;
  }

  /** Highest stream that the peer has begun: what a GOAWAY of this end may promise at least. */
  get lastPeerStreamId(): number {
    return this.#core.lastPeerStreamId;
  }

  /** The slot of a stream, -1 when it is closed. */
  slotOf(streamId: number): number {
    return this.#core.table.find(streamId);
  }

  /** Calls `visit` for every stream that is not closed. */
  forEachStream(visit: (slot: number, streamId: number) => void): void {
    this.#core.table.forEach(visit);
  }

  /**
   * Reads octets of the peer, in any pieces; the handler is called from within. An error that they
   * contain ends the connection and is not thrown. Take the output afterwards.
   */
  receive(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const core = this.#core;
    if (core.isClosed) return;
    core.expectTaking();
    try {
      const at = this.#prefaceLeft > 0 ? this.#readPreface(bytes, start, end) : start;
      this.#reader.receive(bytes, at, end);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      core.fail(error);
    }
    if (core.isClosed) this.#reader.stop();
  }

  #readPreface(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#prefaceLeft > 0) {
      if (bytes[at] !== CLIENT_PREFACE[CLIENT_PREFACE.length - this.#prefaceLeft]) {
        throw new ConnectionError(PROTOCOL_ERROR, 'this is not the preface of an HTTP/2 client');
      }
      at++;
      this.#prefaceLeft--;
    }
    return at;
  }

  /** What is to be sent, all of it; give it back with `recycle` when it is. */
  takeOutput(): Buffer | undefined {
    return this.#core.takeOutput();
  }

  /** Takes a buffer back that `takeOutput` gave and that nobody reads any more. */
  recycle(taken: Buffer): void {
    this.#core.output.recycle(taken);
  }

  /** Starts a stream with its header block. @returns its id, 0 when `canStart` is false. */
  start(fields: readonly HeaderField[], endStream: boolean): number {
    return this.#sender.start(fields, endStream);
  }

  /** A message that will be sent over and over, on this connection. */
  template(parts: TemplateParts): FrameTemplate {
    return new FrameTemplate(this.#core.encoder, parts);
  }

  /** Starts a stream with all frames of a template. @returns its id, 0 when `canStart` is false. */
  startTemplate(template: FrameTemplate, values?: readonly TemplateValue[]): number {
    return this.#sender.startTemplate(template, values);
  }

  /**
   * Sends a response's header block, a 1xx one, or (with `endStream`) trailers: those wait behind
   * what `write` has queued. @returns false when the stream cannot be sent on any more.
   */
  sendHeaders(streamId: number, fields: readonly HeaderField[], endStream: boolean): boolean {
    return this.#sender.sendHeaders(streamId, fields, endStream);
  }

  /** Sends all frames of a template on a stream. @returns false when it cannot be sent on. */
  sendTemplate(
    streamId: number,
    template: FrameTemplate,
    values?: readonly TemplateValue[],
  ): boolean {
    return this.#sender.sendTemplate(streamId, template, values);
  }

  /**
   * Sends as much of `bytes[start, end)` as the windows allow, and END_STREAM only with the last of
   * it. The octets are copied. When it takes less than all, `onWritable` follows.
   * @param slot the stream's, where the caller knows it: spares looking it up.
   * @returns how many octets it took, -1 when the stream cannot be sent on.
   */
  sendData(
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
    slot = -1,
  ): number {
    return this.#sender.sendData(streamId, bytes, start, end, endStream, slot);
  }

  /**
   * Sends a gRPC message whole, its prefix before it. The octets are copied.
   * @returns what the windows take after it; -1 when nothing was sent: the windows or a frame do not
   * take it whole, octets that `write` has kept go first, or the stream cannot be sent on.
   */
  sendMessage(streamId: number, slot: number, message: Uint8Array, isCompressed: boolean): number {
    return this.#sender.sendMessage(streamId, slot, message, isCompressed);
  }

  /**
   * Sends all of `bytes`, now or when the windows allow; until then they must not change.
   * @returns false when the stream cannot be sent on.
   */
  write(streamId: number, bytes: Uint8Array, endStream: boolean): boolean {
    return this.#sender.write(streamId, bytes, endStream);
  }

  /** Octets that `sendData` would take now, -1 when the stream cannot be sent on. */
  sendWindowOf(streamId: number, slot = -1): number {
    return this.#sender.windowOf(streamId, slot);
  }

  /**
   * Resets a stream and forgets it: `onStreamEnd` comes at once, `onReset` does not.
   * @returns false when it had ended.
   */
  reset(streamId: number, code: number): boolean {
    return this.#sender.reset(streamId, code);
  }

  /**
   * The owner takes over a stream's receive window, as manual windows would have it for all streams:
   * octets that come from now on are given back to the peer when it says that it has consumed them.
   * The connection's window is not the stream's to hold: with automatic windows this stops nobody else.
   * @returns false when the stream is closed.
   */
  holdStreamWindow(streamId: number): boolean {
    const slot = this.#core.table.find(streamId);
    if (slot >= 0) this.#core.holdStreamWindow(slot);
    return slot >= 0;
  }

  /**
   * With manual windows, and on streams whose window is held: the owner has done with octets of a
   * stream. Also due for octets of streams that have ended, when the connection's window is manual.
   * @param octets of those that came since; to give more back than came is a mistake of the owner's.
   */
  consume(streamId: number, octets: number): void {
    this.#core.consume(streamId, octets);
  }

  /**
   * Stops giving octets back to the connection's window, so that the peer stalls once it is used up; or
   * goes on, with what was kept back, once told so as often. Streams' windows are not concerned.
   */
  holdWindow(isHeld: boolean): void {
    this.#core.holdWindow(isHeld);
  }

  /** Announces other settings. They hold when the peer has acknowledged them. */
  announce(settings: Partial<Omit<Settings, 'enablePush'>>): void {
    this.#settings.send(settings);
  }

  /** PINGs of this end so far; answers to the peer's are not counted. */
  get pingsSent(): number {
    return this.#pings.sentCount;
  }

  /** Sends PING. @returns false when too many wait for their answer already. */
  ping(answer: PingAnswer): boolean {
    return !this.#core.isClosed && this.#pings.send(answer);
  }

  /** Answers a PING whose answer `onPing` took over. */
  answerPing(payload: Uint8Array): void {
    const core = this.#core;
    if (core.isClosed) return;
    writePing(core.output, true, payload, 0);
    core.appended();
  }

  /**
   * Sends GOAWAY and nothing else: no stream is ended, and the peer's streams above `lastStreamId` are
   * not looked at any more. For who passes another's GOAWAY on, or makes one up.
   */
  goaway(lastStreamId: number, code: number, debug: string): void {
    const core = this.#core;
    if (core.isClosed) return;
    core.sendGoaway(lastStreamId, code, debug);
    core.checkIdle();
  }

  /**
   * Lets running streams end and takes no new ones; `onIdle` comes when the last has ended. A server
   * first warns, and refuses only what comes a round trip later (RFC 9113 §6.8).
   */
  shutdown(): void {
    const core = this.#core;
    if (core.isClosed || core.goawaySent !== undefined) return;
    if (core.isClient) {
      core.sendGoaway(0, NO_ERROR, '');
      core.checkIdle();
      return;
    }
    core.sendGoaway(INT31_MAX, NO_ERROR, '');
    this.#pings.send(() => {
      core.sendGoaway(core.lastPeerStreamId, NO_ERROR, '');
      core.checkIdle();
    });
  }

  /** Ends the connection with GOAWAY, and every stream with it. Send the output, then close. */
  close(code = NO_ERROR, debug = ''): void {
    this.#core.close(code, debug);
    this.#reader.stop();
  }

  /** The transport is gone: ends every stream. Nothing can be sent any more. */
  lost(): void {
    this.#core.finish(NO_ERROR, undefined);
    this.#reader.stop();
  }
}
