/** `rpc-drop`: messages of a stream are lost on their way, and nobody says so. */
import { defineCallFault } from './fault.js';
import { choiceOf, messageOptions } from './message-choice.js';

export const rpcDrop = defineCallFault({
  kind: 'rpc-drop',
  summary: 'Loses messages of a stream, in the middle of it; the rest of the stream is intact.',
  layers: ['proxy'],
  exercises: 'numbering, acknowledgements and timeouts above gRPC; cardinality of unary calls',
  correctClient:
    'Cannot see it on a stream: gRPC promises that messages come whole and in order, and has no ' +
    'number for them. A unary call without its reply must not succeed: UNIMPLEMENTED or INTERNAL, ' +
    'whatever the trailers say (the gRPC documentation, doc/statuscodes.md).',
  acts: 'call',
  schema: messageOptions,
  effect: (options, _call, unit) => ({
    effect: 'drop',
    which: choiceOf(options, unit),
    direction: options.direction,
  }),
});
