import { z } from 'zod';
import { size } from '../base/units.js';
import { defineCall } from './call.js';
import {
  contentOf,
  encodeChatMessage,
  isMessage,
  SAY_METHOD,
  StampedMessage,
} from './chat-codec.js';

const NO_MORE = { finish: () => {} };

/** One request, one reply. */
export const unary = defineCall({
  kind: 'unary',
  summary: 'One request, one reply: says a message in a room of its own.',
  schema: z.strictObject({
    method: z.literal('chat.ChatService/Say').default('chat.ChatService/Say'),
    messageSize: size().default(32),
    /** `same`: encoded once; `varying`: each request has other octets, and is encoded on its own. */
    payload: z.enum(['same', 'varying']).default('same'),
  }),
  longLived: false,
  prepare({ messageSize, payload }, context) {
    const content = contentOf(messageSize);
    const same = encodeChatMessage({ user: context.load, content, timestamp: 0 });
    const varying = new StampedMessage(context.load, content);
    // A room that nobody is in: what is measured is the call, not a broadcast.
    const metadata = { room: `${context.load}/unary` };
    const { deadlineNs } = context;
    return (ticket) => {
      const request = payload === 'same' ? same : Buffer.from(varying.stamp(ticket.ordinal));
      context.channel().unary(SAY_METHOD, request, ticket, deadlineNs, metadata, isMessage);
      return NO_MORE;
    };
  },
});
