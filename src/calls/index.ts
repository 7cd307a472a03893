/** The catalogue of calls. */
import type { Catalogue } from '../base/catalogue.js';
import type { AnyCallKind } from './call.js';
import { chat } from './chat.js';
import { unary } from './unary.js';

export const calls = { unary, chat } satisfies Catalogue<AnyCallKind>;
