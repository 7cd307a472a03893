/**
 * What a backend has a health status of: the whole server, the chat, and each of its methods.
 *
 * A method is written as faults write it, `chat.ChatService/Say`. It has the status of its service
 * until something is said of it alone.
 */
import { CHAT_SERVICE } from './protos.js';

/** The name of the whole server. */
export const WHOLE_SERVER = '';

/** In the order in which they are listed: a service before its methods. */
export const HEALTH_NAMES = [
  WHOLE_SERVER,
  CHAT_SERVICE,
  ...['Chat', 'Say', 'SayAll', 'Listen'].map((method) => `${CHAT_SERVICE}/${method}`),
] as const;

/** The service of a method; undefined for what is no method. */
export function serviceOfMethod(name: string): string | undefined {
  const slash = name.indexOf('/');
  return slash === -1 ? undefined : name.slice(0, slash);
}
