/** `rpc-duplicate`: messages of a stream come twice. */
import { defineCallFault } from './fault.js';
import { choiceOf, messageOptions } from './message-choice.js';

export const rpcDuplicate = defineCallFault({
  kind: 'rpc-duplicate',
  summary: 'Sends messages of a stream twice, one right after the other.',
  layers: ['proxy'],
  exercises: 'idempotence above gRPC; cardinality of unary calls',
  correctClient:
    'Takes both on a stream: gRPC has no number for messages. A unary call with two replies must not ' +
    'succeed: UNIMPLEMENTED or INTERNAL (the gRPC documentation, doc/statuscodes.md).',
  acts: 'call',
  schema: messageOptions,
  effect: (options, _call, unit) => ({
    effect: 'duplicate',
    which: choiceOf(options, unit),
    direction: options.direction,
  }),
});
