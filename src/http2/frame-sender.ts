/**
 * The sending half of a connection: streams started, answered and ended, within the peer's windows
 * and limits (RFC 9113 §5.1, §5.2 and §8.1).
 *
 * Two ways to send octets. `sendData` takes what the windows allow and says how much that was, so
 * that a proxy can pass the backpressure on. `write` takes all and sends the rest when it may.
 */
import type { ConnectionCore } from './connection-core.js';
import { ConnectionError, FLOW_CONTROL_ERROR } from './error-code.js';
import { INT31_MAX } from './frame.js';
import type { FrameTemplate, TemplateValue } from './frame-template.js';
import { writeData, writeHeaders, writeMessage, writeMoreData } from './frame-writer.js';
import { MESSAGE_PREFIX_BYTES } from './grpc-message.js';
import type { HeaderField } from './header-field.js';
import { SendQueue, type Waiting } from './send-queue.js';
import { CAN_RECEIVE, CAN_SEND, SENT_HEADERS } from './stream-table.js';

const NO_BYTES = new Uint8Array(0);

export class FrameSender {
  readonly queue = new SendQueue();
  readonly #core: ConnectionCore;

  constructor(core: ConnectionCore) {
    this.#core = core;
    core.forgetQueued = (streamId) => this.queue.remove(streamId);
  }

  /** Whether a stream may be started now. */
  get canStart(): boolean {
    const core = this.#core;
    return (
      core.isClient &&
      core.table.count < core.peer.maxConcurrentStreams &&
      !core.isClosed &&
      core.goawayReceived === undefined &&
      core.goawaySent === undefined &&
      core.nextStreamId <= INT31_MAX
    );
  }

  start(fields: readonly HeaderField[], endStream: boolean): number {
    if (!this.canStart) return 0;
    const core = this.#core;
    const streamId = core.nextStreamId;
    // Encoding may throw on a wrong field; the id is not used up then.
    this.#writeBlock(streamId, fields, endStream);
    this.#open(streamId, endStream);
    return streamId;
  }

  startTemplate(template: FrameTemplate, values: readonly TemplateValue[] | undefined): number {
    if (!this.canStart) return 0;
    const core = this.#core;
    const streamId = core.nextStreamId;
    const { length } = template.body;
    if (length > core.peer.initialWindowSize || length > core.sendWindow) {
      return this.#startInParts(template, values ?? []);
    }
    template.append(core.output, streamId, values);
    const slot = this.#open(streamId, template.endStream);
    if (length > 0) this.#spend(slot, length);
    return streamId;
  }

  #startInParts(template: FrameTemplate, values: readonly TemplateValue[]): number {
    const streamId = this.start([...template.headers, ...varyingFields(template, values)], false);
    this.write(streamId, template.body, template.endStream && template.trailers === undefined);
    if (template.trailers !== undefined) this.sendHeaders(streamId, template.trailers, true);
    return streamId;
  }

  /** Makes the stream that was just begun on the wire. */
  #open(streamId: number, endStream: boolean): number {
    const core = this.#core;
    core.nextStreamId = streamId + 2;
    const flags = SENT_HEADERS | CAN_RECEIVE | (endStream ? 0 : CAN_SEND);
    core.appended();
    return core.table.add(streamId, flags, core.peer.initialWindowSize, core.streamWindow);
  }

  sendHeaders(streamId: number, fields: readonly HeaderField[], endStream: boolean): boolean {
    const slot = this.#sendable(streamId);
    if (slot < 0) return false;
    if (this.queue.find(streamId) !== undefined) {
      if (!endStream) throw new RangeError('headers after data must end the stream');
      this.queue.addTrailers(streamId, fields);
      return true;
    }
    this.#writeBlock(streamId, fields, endStream);
    const { table } = this.#core;
    const isInterim = fields[0]?.name === ':status' && fields[0].value.startsWith('1');
    if (!isInterim) table.flags[slot] = (table.flags[slot] as number) | SENT_HEADERS;
    if (endStream) this.#core.endSend(slot);
    this.#core.appended();
    return true;
  }

  sendTemplate(
    streamId: number,
    template: FrameTemplate,
    values: readonly TemplateValue[] | undefined,
  ): boolean {
    const slot = this.#sendable(streamId);
    if (slot < 0) return false;
    const core = this.#core;
    const { length } = template.body;
    const isBlocked = this.queue.find(streamId) !== undefined;
    if (isBlocked || length > core.sendWindow || length > (core.table.sendWindow[slot] as number)) {
      return this.#sendInParts(streamId, template, values ?? []);
    }
    template.append(core.output, streamId, values);
    core.table.flags[slot] = (core.table.flags[slot] as number) | SENT_HEADERS;
    if (length > 0) this.#spend(slot, length);
    if (template.endStream) core.endSend(slot);
    core.appended();
    return true;
  }

  #sendInParts(
    streamId: number,
    template: FrameTemplate,
    values: readonly TemplateValue[],
  ): boolean {
    this.sendHeaders(streamId, [...template.headers, ...varyingFields(template, values)], false);
    this.write(streamId, template.body, template.endStream && template.trailers === undefined);
    if (template.trailers !== undefined) this.sendHeaders(streamId, template.trailers, true);
    return true;
  }

  /** Octets that `sendData` would take now; -1 when the stream cannot be sent on. */
  windowOf(streamId: number, slotHint: number): number {
    const slot = this.#sendable(streamId, slotHint);
    return slot < 0 ? -1 : this.#windowAt(slot);
  }

  sendMessage(
    streamId: number,
    slotHint: number,
    message: Uint8Array,
    isCompressed: boolean,
  ): number {
    const core = this.#core;
    const slot = this.#sendable(streamId, slotHint);
    const length = MESSAGE_PREFIX_BYTES + message.length;
    if (slot < 0 || length > core.peer.maxFrameSize) return -1;
    const left = this.#windowAt(slot) - length;
    if (left < 0 || this.queue.find(streamId) !== undefined) return -1;
    writeMessage(core.output, streamId, message, isCompressed, core.peer.maxFrameSize);
    this.#spend(slot, length);
    core.appended();
    return left;
  }

  sendData(
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
    slotHint = -1,
  ): number {
    const slot = this.#sendable(streamId, slotHint);
    if (slot < 0) return -1;
    if (this.queue.find(streamId) !== undefined) return 0;
    return this.#sendDataAt(slot, streamId, bytes, start, end, endStream);
  }

  #sendDataAt(
    slot: number,
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): number {
    const core = this.#core;
    if (((core.table.flags[slot] as number) & SENT_HEADERS) === 0) {
      throw new RangeError('data before headers');
    }
    const allowed = Math.min(end - start, this.#windowAt(slot));
    const stop = start + allowed;
    const isWhole = stop === end;
    const frameMax = core.peer.maxFrameSize;
    let at = start;
    while (stop - at > frameMax) {
      writeData(core.output, streamId, bytes, at, at + frameMax, false);
      at += frameMax;
    }
    const endsNow = endStream && isWhole;
    if (endsNow) writeData(core.output, streamId, bytes, at, stop, true);
    else if (stop > at) writeMoreData(core.output, streamId, bytes, at, stop, frameMax);
    if (allowed > 0) this.#spend(slot, allowed);
    if (!isWhole) core.block(streamId, slot);
    if (endsNow) core.endSend(slot);
    core.appended();
    return allowed;
  }

  write(streamId: number, bytes: Uint8Array, endStream: boolean): boolean {
    const slot = this.#sendable(streamId);
    if (slot < 0) return false;
    let sent = 0;
    if (this.queue.find(streamId) === undefined) {
      sent = this.sendData(streamId, bytes, 0, bytes.length, endStream);
      if (sent === bytes.length) return true;
    }
    this.queue.add(streamId, sent === 0 ? bytes : bytes.subarray(sent), endStream);
    this.#core.block(streamId, slot);
    return true;
  }

  reset(streamId: number, code: number): boolean {
    const core = this.#core;
    const slot = core.table.find(streamId);
    if (slot < 0) return false;
    const flags = core.table.flags[slot] as number;
    if ((flags & (CAN_SEND | CAN_RECEIVE)) === 0) return false;
    core.sendReset(streamId, code);
    core.table.flags[slot] = flags & ~(CAN_SEND | CAN_RECEIVE);
    core.endStream(slot);
    return true;
  }

  /** The peer's initial window changed by `delta` (§6.9.2). */
  shiftWindows(delta: number): void {
    const { table } = this.#core;
    table.forEach((slot, streamId) => {
      const window = (table.sendWindow[slot] as number) + delta;
      if (window > INT31_MAX) {
        throw new ConnectionError(FLOW_CONTROL_ERROR, 'SETTINGS overflow the window of a stream');
      }
      table.sendWindow[slot] = window;
      this.#core.windowGrew(streamId, window);
    });
    this.wakeAll();
  }

  /** The connection's window grew: everyone who waits gets a turn, the longest waiting first. */
  wakeAll(): void {
    const core = this.#core;
    // Who is blocked again goes to the set's end and is met once more, then without a window.
    for (const streamId of core.blocked) {
      if (core.sendWindow <= 0) {
        core.connectionStopped();
        return;
      }
      this.wake(streamId, core.table.find(streamId));
    }
  }

  /** A stream's window grew. */
  wake(streamId: number, slot: number): void {
    const core = this.#core;
    if (slot < 0 || !core.blocked.has(streamId) || this.#windowAt(slot) <= 0) return;
    core.unblock(streamId);
    const waiting = this.queue.find(streamId);
    if (waiting === undefined) core.handler.onWritable(streamId, slot);
    else this.#drain(streamId, slot, waiting);
  }

  #drain(streamId: number, slot: number, waiting: Waiting): void {
    const { queue } = this;
    for (;;) {
      const chunk = waiting.chunks[0] ?? NO_BYTES;
      const isLast = waiting.chunks.length <= 1;
      const endsHere = isLast && waiting.endStream && waiting.trailers === undefined;
      const wanted = chunk.length - waiting.offset;
      const sent = this.#sendDataAt(slot, streamId, chunk, waiting.offset, chunk.length, endsHere);
      if (endsHere && sent === wanted) {
        queue.remove(streamId);
        return;
      }
      queue.sent(waiting, sent);
      if (sent < wanted) return;
      if (isLast) break;
    }
    queue.remove(streamId);
    if (waiting.trailers === undefined) this.#core.handler.onWritable(streamId, slot);
    else this.sendHeaders(streamId, waiting.trailers, true);
  }

  #windowAt(slot: number): number {
    const core = this.#core;
    return Math.max(Math.min(core.table.sendWindow[slot] as number, core.sendWindow), 0);
  }

  #spend(slot: number, octets: number): void {
    const core = this.#core;
    core.sendWindow -= octets;
    core.table.sendWindow[slot] = (core.table.sendWindow[slot] as number) - octets;
  }

  /**
   * The slot of a stream that this end may send on, otherwise -1.
   * @param slotHint where it was when it was begun; looked up when absent or given away since.
   */
  #sendable(streamId: number, slotHint = -1): number {
    const { table } = this.#core;
    const slot = table.ids[slotHint] === streamId ? slotHint : table.find(streamId);
    return slot >= 0 && ((table.flags[slot] as number) & CAN_SEND) !== 0 ? slot : -1;
  }

  #writeBlock(streamId: number, fields: readonly HeaderField[], endStream: boolean): void {
    const { output, encoder, peer } = this.#core;
    writeHeaders(output, streamId, endStream, peer.maxFrameSize, (out) =>
      encoder.encode(fields, out),
    );
  }
}

function varyingFields(template: FrameTemplate, values: readonly TemplateValue[]): HeaderField[] {
  return template.varying.map((name, i) => ({
    name,
    value: String(values[i] ?? ''),
    neverIndexed: false,
  }));
}
