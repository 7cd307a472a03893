/** ChatMessage as bytes: the generated code of proto/chat.proto, through @grpc/proto-loader. */
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

const protoFile = fileURLToPath(new URL('../../../proto/chat.proto', import.meta.url));
const service = loadSync(protoFile, { longs: Number })['chat.ChatService'] as ServiceDefinition;

function methodNamed(name: string) {
  const method = service[name];
  if (method === undefined) throw new Error(`proto/chat.proto has no method ${name}`);
  return method;
}

const chat = methodNamed('Chat');

export function encodeChatMessage(message: ChatMessage): Buffer {
  return chat.requestSerialize(message);
}

/** @throws when the bytes are no ChatMessage. */
export function decodeChatMessage(bytes: Buffer): ChatMessage {
  return chat.responseDeserialize(bytes) as ChatMessage;
}

/** Text of so many bytes, the same for the same seed-free inputs: content that costs nothing to make. */
export function contentOf(bytes: number): string {
  return 'squall '.repeat(Math.ceil(bytes / 7)).slice(0, bytes);
}
