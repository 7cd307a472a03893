import { z } from 'zod';
import { size } from '../base/units.js';
import { defineCall } from './call.js';
import { contentOf, encodeChatMessage, SAY_METHOD } from './chat-codec.js';

const NO_MORE = { finish: () => {} };

/** One request, one reply. The request is encoded once and sent again and again. */
export const unary = defineCall({
  kind: 'unary',
  summary: 'One request, one reply: says a message in a room of its own.',
  schema: z.strictObject({
    method: z.literal('chat.ChatService/Say').default('chat.ChatService/Say'),
    messageSize: size().default(32),
  }),
  longLived: false,
  prepare({ messageSize }, context) {
    const request = encodeChatMessage({
      user: context.load,
      content: contentOf(messageSize),
      timestamp: 0,
    });
    // A room that nobody is in: what is measured is the call, not a broadcast.
    const metadata = { room: `${context.load}/unary` };
    return (ticket) => {
      context.channel().unary(SAY_METHOD, request, ticket, context.deadlineNs, metadata);
      return NO_MORE;
    };
  },
});
