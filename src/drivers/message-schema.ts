/**
 * What `client:` says of messages, for every driver: how large they may be, whether they are
 * compressed, and the metadata of all calls.
 */
import { z } from 'zod';
import { size } from '../base/units.js';
import { type CallMetadata, isBinaryKey, metadataMistake } from '../calls/call-metadata.js';
import type { ClientSpec } from './spec.js';

/** As gRPC writes it. */
export const UNLIMITED = -1;
const UNLIMITED_WORD = 'unlimited';

const messageLimit = () =>
  z.any().transform((value: unknown, context): number => {
    if (value === UNLIMITED || value === UNLIMITED_WORD) return UNLIMITED;
    const parsed = size().safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      context.issues.push({ ...issue, input: value } as (typeof context.issues)[number]);
    }
    return z.NEVER;
  });

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

const metadata = z.record(z.string(), z.string()).superRefine((entries, context) => {
  for (const [key, text] of Object.entries(entries)) {
    const isWrong = isBinaryKey(key) && !BASE64.test(text);
    const message = isWrong ? `${key} is written in base64` : mistakeOf(key, text);
    if (message !== undefined) context.addIssue({ code: 'custom', path: [key], message });
  }
});

function mistakeOf(key: string, text: string): string | undefined {
  return metadataMistake(key, decoded(key, text));
}

/** Values under keys that end in `-bin` are written in base64. */
function decoded(key: string, text: string): string | Uint8Array {
  return isBinaryKey(key) ? Buffer.from(text, 'base64') : text;
}

/** Keys of `client:`. */
export const messageKeys = {
  /** Largest message that is taken, uncompressed; 4 MiB when absent. */
  maxReceiveMessageSize: messageLimit().optional(),
  /** Largest message that is sent, uncompressed; unlimited when absent. */
  maxSendMessageSize: messageLimit().optional(),
  compression: z.enum(['identity', 'gzip']).optional(),
  /** Of every call. */
  metadata: metadata.optional(),
};

type MessageOptions = z.output<z.ZodObject<typeof messageKeys>>;

/** That part of a client's spec. */
export function messageSpec(options: MessageOptions): Partial<ClientSpec> {
  const { maxReceiveMessageSize, maxSendMessageSize, compression, metadata: entries } = options;
  return {
    ...(maxReceiveMessageSize === undefined ? {} : { receiveBytesMax: maxReceiveMessageSize }),
    ...(maxSendMessageSize === undefined ? {} : { sendBytesMax: maxSendMessageSize }),
    ...(compression === undefined ? {} : { compression }),
    ...(entries === undefined ? {} : { metadata: entries }),
  };
}

/** A spec's metadata as calls carry it. */
export function metadataOfSpec({ metadata: entries = {} }: ClientSpec): CallMetadata {
  return Object.fromEntries(
    Object.entries(entries).map(([key, text]) => [key, decoded(key, text)]),
  );
}

/** The channel arguments of grpc-js that say the same. */
export const OPTION_OF_KEY = {
  maxReceiveMessageSize: 'grpc.max_receive_message_length',
  maxSendMessageSize: 'grpc.max_send_message_length',
  compression: 'grpc.default_compression_algorithm',
} as const satisfies Partial<Record<keyof typeof messageKeys, string>>;
