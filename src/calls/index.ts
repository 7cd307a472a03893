/** The catalogue of calls. */
import type { Catalogue } from '../base/catalogue.js';
import type { AnyCallKind } from './call.js';
import { chat } from './chat.js';
import { clientStream } from './client-stream.js';
import { serverStream } from './server-stream.js';
import { unary } from './unary.js';

export const calls = {
  unary,
  'server-stream': serverStream,
  'client-stream': clientStream,
  chat,
} satisfies Catalogue<AnyCallKind>;
