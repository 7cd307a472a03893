/**
 * A whole message kept as octets: sending it once more is copying it and patching in the stream id.
 *
 *   HEADERS │ block │ varying fields │ DATA │ body │ HEADERS │ trailers
 *       └ id, length ┘                    └ id           └ id
 *
 * After the first message of a method its block is all dynamic-table indices, which hold as long as
 * the table is unchanged. The template notices when it is not, and encodes itself again. Fields that
 * vary per call (a call id, a timeout) follow the block as literals beside the table.
 */
import type { OctetText } from '../base/octet-text.js';
import {
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FRAME_BYTES_DEFAULT,
  FRAME_HEADER_BYTES,
  HEADERS,
  writeUint32,
} from './frame.js';
import { putFrameHeader, writeData, writeHeaders } from './frame-writer.js';
import { type HeaderField, headerField } from './header-field.js';
import { type HpackEncoder, writeInteger, writeOctets, writeString } from './hpack-encoder.js';
import { OutputBuffer } from './output-buffer.js';

/** The value of a field that varies, as header text. An `OctetText` may change once it was sent. */
export type TemplateValue = string | OctetText;

/** What a template is made of. Without body and trailers it is a header block alone. */
export interface TemplateParts {
  readonly headers: readonly HeaderField[];
  /** Names of fields whose values are given each time, in this order. */
  readonly varying?: readonly string[];
  /** The octets of DATA, empty for none. Never change them afterwards. */
  readonly body?: Uint8Array;
  /** A block after the body; it ends the stream. */
  readonly trailers?: readonly HeaderField[];
  /** Ends the stream after the body, or after the headers when there is none. */
  readonly endStream?: boolean;
}

const NO_BYTES = new Uint8Array(0);
const NO_FIELDS: readonly string[] = [];
const NO_VALUES: readonly TemplateValue[] = [];
/** Enough for the frames of most templates. */
const SCRATCH_BYTES = 512;
/** Fewer octets than this are copied by a loop: cheaper than a call into the runtime. */
const LOOP_BYTES = 24;

export class FrameTemplate {
  readonly headers: readonly HeaderField[];
  readonly varying: readonly string[];
  readonly body: Uint8Array;
  readonly trailers: readonly HeaderField[] | undefined;
  /** Whether sending it ends this end's half of the stream. */
  readonly endStream: boolean;
  readonly #encoder: HpackEncoder;
  #generation = -1;
  /** The HEADERS frame up to the varying fields; without such fields, everything. */
  #head: Uint8Array = NO_BYTES;
  #headIds = Int32Array.of(5);
  /** Each varying field up to its value's length. */
  #prefixes: readonly Uint8Array[] = [];
  /** The frames after the HEADERS frame, and where in them stream ids stand. */
  #rest: Uint8Array = NO_BYTES;
  #restIds = new Int32Array(0);

  constructor(encoder: HpackEncoder, parts: TemplateParts) {
    this.#encoder = encoder;
    this.headers = parts.headers;
    this.varying = parts.varying ?? NO_FIELDS;
    this.body = parts.body ?? NO_BYTES;
    this.trailers = parts.trailers;
    this.endStream = parts.trailers !== undefined || parts.endStream === true;
  }

  /** Appends its frames for a stream; as many `values` as it has varying fields. */
  append(out: OutputBuffer, streamId: number, values: readonly TemplateValue[] = NO_VALUES): void {
    if (values.length !== this.varying.length) {
      throw new RangeError(`${this.varying.length} varying fields, ${values.length} values`);
    }
    const frame = out.length;
    try {
      if (this.#generation !== this.#encoder.generation) this.#encode(values);
      copy(this.#head, out);
      if (values.length > 0) {
        this.#appendVarying(out, frame, values);
        this.#appendRest(out, streamId);
      }
    } catch (error) {
      // A value that is no header text: the caller's bug, which must not cost the connection.
      out.trim(frame);
      this.#encoder.emptyTable();
      throw error;
    }
    this.#patch(out.bytes, frame, this.#headIds, streamId);
  }

  #appendRest(out: OutputBuffer, streamId: number): void {
    const rest = out.length;
    copy(this.#rest, out);
    this.#patch(out.bytes, rest, this.#restIds, streamId);
  }

  #patch(bytes: Uint8Array, base: number, ids: Int32Array, streamId: number): void {
    for (let i = 0; i < ids.length; i++) writeUint32(bytes, base + (ids[i] as number), streamId);
  }

  #appendVarying(out: OutputBuffer, frame: number, values: readonly TemplateValue[]): void {
    for (let i = 0; i < this.#prefixes.length; i++) {
      const value = values[i] ?? '';
      copy(this.#prefixes[i] ?? NO_BYTES, out);
      writeInteger(out, 0, 7, value.length);
      if (typeof value === 'string') writeOctets(out, value);
      else copy(value.bytes, out, value.length);
    }
    const length = out.length - frame - FRAME_HEADER_BYTES;
    if (length > FRAME_BYTES_DEFAULT) throw new RangeError('varying fields overflow their frame');
    out.bytes[frame] = length >>> 16;
    out.bytes[frame + 1] = length >>> 8;
    out.bytes[frame + 2] = length;
  }

  /**
   * Encodes everything for the table as it is now. When that itself changes the table the octets
   * serve once, for the message at hand, and the next one encodes again: then all is indexed.
   */
  #encode(values: readonly TemplateValue[]): void {
    const encoder = this.#encoder;
    const isUpdateDue = encoder.isUpdateDue;
    const generation = encoder.generation;
    const scratch = new OutputBuffer(SCRATCH_BYTES);
    this.#encodeHeaders(scratch, values);
    const headEnd = scratch.length;
    const ids = this.#encodeRest(scratch);
    const isWhole = this.varying.length === 0;
    const cut = isWhole ? scratch.length : headEnd;
    this.#head = Uint8Array.prototype.slice.call(scratch.bytes, 0, cut);
    this.#headIds = Int32Array.from(isWhole ? [5, ...ids] : [5]);
    this.#rest = Uint8Array.prototype.slice.call(scratch.bytes, cut, scratch.length);
    this.#restIds = Int32Array.from(ids, (at) => at - headEnd);
    const isStable = generation === encoder.generation && !isUpdateDue;
    this.#generation = isStable ? generation : -1;
  }

  #encodeHeaders(scratch: OutputBuffer, values: readonly TemplateValue[]): void {
    const encoder = this.#encoder;
    scratch.reserve(FRAME_HEADER_BYTES);
    encoder.encode(this.headers, scratch);
    // The first time a varying field goes through the table, so that later ones find its name there.
    // It must then be encoded with its value, which the prefix below is written without.
    this.#prefixes = this.varying.map((name, i) => {
      const value = String(values[i] ?? '');
      if (encoder.nameIndex(name) === 0) {
        const primer = new OutputBuffer(SCRATCH_BYTES);
        encoder.encodeField(headerField(name, value), primer, 'table');
        return encodedUpToValue(primer, value);
      }
      const prefix = new OutputBuffer(SCRATCH_BYTES);
      const index = encoder.nameIndex(name);
      writeInteger(prefix, 0, 4, index);
      if (index === 0) writeString(prefix, name);
      return Uint8Array.from(prefix.bytes.subarray(0, prefix.length));
    });
    const length = scratch.length - FRAME_HEADER_BYTES;
    if (length > FRAME_BYTES_DEFAULT)
      throw new RangeError('a template needs its headers in a frame');
    const endsHere = this.endStream && this.body.length === 0 && this.trailers === undefined;
    const flags = FLAG_END_HEADERS | (endsHere ? FLAG_END_STREAM : 0);
    putFrameHeader(scratch.bytes, 0, length, HEADERS, flags, 0);
  }

  /** @returns where in the scratch buffer stream ids stand. */
  #encodeRest(scratch: OutputBuffer): number[] {
    const ids: number[] = [];
    const { body, trailers, endStream } = this;
    for (let start = 0; start < body.length; start += FRAME_BYTES_DEFAULT) {
      const end = Math.min(start + FRAME_BYTES_DEFAULT, body.length);
      const isLast = end === body.length && endStream && trailers === undefined;
      ids.push(scratch.length + 5);
      writeData(scratch, 0, body, start, end, isLast);
    }
    if (trailers !== undefined) {
      const at = scratch.length;
      writeHeaders(scratch, 0, true, FRAME_BYTES_DEFAULT, (out) =>
        this.#encoder.encode(trailers, out),
      );
      for (const frame of frameStarts(scratch.bytes, at, scratch.length)) {
        ids.push(frame + 5);
      }
    }
    return ids;
  }
}

/** Where the frames of `bytes[start, end)` begin. */
function frameStarts(bytes: Uint8Array, start: number, end: number): number[] {
  const starts: number[] = [];
  for (let at = start; at < end; ) {
    starts.push(at);
    const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    at += FRAME_HEADER_BYTES + length;
  }
  return starts;
}

/** An encoded literal without its value and the value's length, whichever way that was coded. */
function encodedUpToValue(out: OutputBuffer, value: string): Uint8Array {
  const tail = new OutputBuffer(SCRATCH_BYTES);
  writeString(tail, value);
  return Uint8Array.from(out.bytes.subarray(0, out.length - tail.length));
}

function copy(from: Uint8Array, out: OutputBuffer, length = from.length): void {
  const at = out.reserve(length);
  const { bytes } = out;
  if (length > LOOP_BYTES && length === from.length) bytes.set(from, at);
  else for (let i = 0; i < length; i++) bytes[at + i] = from[i] as number;
}
