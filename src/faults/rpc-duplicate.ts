/** `rpc-duplicate`: messages of a stream come twice. */
import { z } from 'zod';
import { callFaultEnvelope, defineCallFault, direction, directionsOf } from './fault.js';
import { choiceOf, isOneChoice, messageChoice, ONE_CHOICE } from './message-choice.js';

export const rpcDuplicate = defineCallFault({
  kind: 'rpc-duplicate',
  summary: 'Sends messages of a stream twice, one right after the other.',
  layers: ['proxy'],
  exercises: 'idempotence above gRPC; cardinality of unary calls',
  correctClient:
    'Takes both on a stream: gRPC has no number for messages. A unary call with two replies must not ' +
    'succeed: UNIMPLEMENTED or INTERNAL (the gRPC documentation, doc/statuscodes.md).',
  acts: 'call',
  schema: z
    .strictObject({
      ...callFaultEnvelope,
      ...messageChoice,
      direction: direction().exclude(['both']).default('down'),
    })
    .refine(isOneChoice, ONE_CHOICE),
  effect: (options, _call, unit) => ({
    effect: 'duplicate',
    which: choiceOf(options, unit),
    direction: directionsOf(options.direction)[0] ?? 'down',
  }),
});
