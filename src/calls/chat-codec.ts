/**
 * The chat's messages as bytes. Whole messages are the business of the generated code of proto/chat.proto,
 * through @grpc/proto-loader; what a load does for every message, writing the time into one that is
 * otherwise the same and reading it out of another, is done here by hand, in place.
 */
import { fileURLToPath } from 'node:url';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';

export interface ChatMessage {
  readonly user: string;
  readonly content: string;
  /** Nanoseconds on the load clock; below 2^53, so a number holds it exactly. */
  readonly timestamp: number;
}

export const CHAT_METHOD = '/chat.ChatService/Chat';
export const SAY_METHOD = '/chat.ChatService/Say';
export const LISTEN_METHOD = '/chat.ChatService/Listen';
export const SAY_ALL_METHOD = '/chat.ChatService/SayAll';

const protoFile = fileURLToPath(new URL('../../../proto/chat.proto', import.meta.url));
const service = loadSync(protoFile, { longs: Number })['chat.ChatService'] as ServiceDefinition;

function methodNamed(name: string) {
  const method = service[name];
  if (method === undefined) throw new Error(`proto/chat.proto has no method ${name}`);
  return method;
}

const chat = methodNamed('Chat');
const listen = methodNamed('Listen');
const sayAll = methodNamed('SayAll');

export function encodeChatMessage(message: ChatMessage): Buffer {
  return chat.requestSerialize(message);
}

/** @throws when the bytes are no ChatMessage. */
export function decodeChatMessage(bytes: Buffer): ChatMessage {
  return chat.responseDeserialize(bytes) as ChatMessage;
}

/** @param limit messages after which the server ends the stream; 0: never. */
export function encodeListenRequest(limit: number): Buffer {
  return listen.requestSerialize({ limit });
}

/**
 * How many messages the server took in during a SayAll.
 * @throws when the bytes are no SayAllReply.
 */
export function decodeSaid(bytes: Buffer): number {
  return (sayAll.responseDeserialize(bytes) as { readonly said: number }).said;
}

/** Text of so many bytes, the same for the same seed-free inputs: content that costs nothing to make. */
export function contentOf(bytes: number): string {
  return 'squall '.repeat(Math.ceil(bytes / 7)).slice(0, bytes);
}

/** Key of `timestamp` as it stands in a message: field 3, a varint. */
const TIMESTAMP_KEY = 0x18;
/** Eight groups of seven bits hold 2^56 - 1: every time that a number holds exactly. */
const TIMESTAMP_BYTES = 8;
/** Four groups of seven bits: what 32-bit arithmetic does without loss. */
const LOW_RANGE = 2 ** 28;

/**
 * A message that is sent over and over, each time with another timestamp.
 *
 * The timestamp is written in eight octets whatever its value. A varint may be longer than it need be
 * (the protocol buffers encoding guide), and so the message always has the same length.
 */
export class StampedMessage {
  /** The message; it changes with every `stamp`, so who keeps it copies it. */
  readonly bytes: Buffer;
  readonly #at: number;

  constructor(user: string, content: string) {
    const head = encodeChatMessage({ user, content, timestamp: 0 });
    this.bytes = Buffer.alloc(head.length + 1 + TIMESTAMP_BYTES);
    this.bytes.set(head);
    this.bytes[head.length] = TIMESTAMP_KEY;
    this.#at = head.length + 1;
    this.stamp(0);
  }

  /** Writes the time: a whole number from 0 to 2^53 - 1. @returns the message. */
  stamp(timestamp: number): Buffer {
    const { bytes } = this;
    const at = this.#at;
    const high = Math.floor(timestamp / LOW_RANGE);
    const low = timestamp - high * LOW_RANGE;
    bytes[at] = (low & 0x7f) | 0x80;
    bytes[at + 1] = ((low >>> 7) & 0x7f) | 0x80;
    bytes[at + 2] = ((low >>> 14) & 0x7f) | 0x80;
    bytes[at + 3] = (low >>> 21) | 0x80;
    bytes[at + 4] = (high & 0x7f) | 0x80;
    bytes[at + 5] = ((high >>> 7) & 0x7f) | 0x80;
    bytes[at + 6] = ((high >>> 14) & 0x7f) | 0x80;
    bytes[at + 7] = (high >>> 21) & 0x7f;
    return bytes;
  }
}

/** A key of one octet, of a varint. */
const isVarintKey = (octet: number) => (octet & 0x87) === VARINT;

/** Octets of the longest varint of 32 bits: keys and lengths. */
const VARINT32_BYTES_MAX = 5;

/**
 * Whether octets can be a protobuf message at all, whatever its fields mean: what a parser looks at
 * first, and as much as a load can afford to ask of each reply. A few ns for a reply to Say.
 */
export function isMessage(bytes: Uint8Array, start: number, end: number): boolean {
  // What nearly all replies are: one small number, or none.
  const isOneNumber =
    end - start === 2 && isVarintKey(bytes[start] as number) && (bytes[start + 1] as number) < 0x80;
  return isOneNumber || start === end || timestampOf(bytes, start, end) !== undefined;
}

const [VARINT, FIXED64, LENGTH_DELIMITED, FIXED32] = [0, 1, 2, 5];

/**
 * The timestamp of the message `bytes[start, end)`, 0 when it has none; undefined when the octets are
 * no message. Octets of a server's making: nothing in them is trusted.
 */
export function timestampOf(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  let timestamp = 0;
  while (at < end) {
    const key = bytes[at++] as number;
    // All fields of a ChatMessage have keys of one octet; longer ones are others', and skipped.
    if (key >= 0x80) {
      const first = at;
      while (at < end && (bytes[at] as number) >= 0x80) at++;
      at++;
      if (at > end || at - first >= VARINT32_BYTES_MAX) return undefined;
    }
    switch (key & 7) {
      case VARINT: {
        const first = at;
        while (at < end && (bytes[at] as number) >= 0x80) at++;
        at++;
        if (at > end || at - first > 10) return undefined;
        if (key === TIMESTAMP_KEY) timestamp = varintOf(bytes, first, at);
        break;
      }
      case LENGTH_DELIMITED: {
        const first = at;
        while (at < end && (bytes[at] as number) >= 0x80) at++;
        at++;
        if (at > end || at - first > VARINT32_BYTES_MAX) return undefined;
        at += varintOf(bytes, first, at);
        break;
      }
      case FIXED64:
        at += 8;
        break;
      case FIXED32:
        at += 4;
        break;
      default:
        return undefined;
    }
  }
  return at === end ? timestamp : undefined;
}

function varintOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = end - 1; at >= start; at--) value = value * 0x80 + ((bytes[at] as number) & 0x7f);
  return value;
}
