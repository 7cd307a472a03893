/** The methods that faults can act on, by their full names, and how each replies. */
import { CHAT_SERVICE } from './protos.js';

export interface HostedMethod {
  /** `chat.ChatService/Say` */
  readonly name: string;
  readonly replies: 'stream' | 'one';
}

/** As proto/chat.proto has them. */
export const HOSTED_METHODS: readonly HostedMethod[] = [
  { name: `${CHAT_SERVICE}/Chat`, replies: 'stream' },
  { name: `${CHAT_SERVICE}/Say`, replies: 'one' },
  { name: `${CHAT_SERVICE}/Listen`, replies: 'stream' },
  { name: `${CHAT_SERVICE}/SayAll`, replies: 'one' },
];
