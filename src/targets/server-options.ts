/**
 * `targets.options`: channel arguments that go to grpc-js's server as they are, for what has no key of its own.
 */
import { channelArguments } from '../base/channel-arguments.js';

/** By the argument's name. */
export type ServerArguments = Readonly<Record<string, string | number>>;

/** What has a key of its own, or is not the user's to say. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  'grpc.max_concurrent_streams': 'give maxConcurrentStreams',
  'grpc.max_receive_message_length': 'give maxMessageSize',
  'grpc.max_connection_age_ms': 'give maxConnectionAge',
  'grpc.max_connection_age_grace_ms': 'give maxConnectionAgeGrace',
  'grpc.keepalive_time_ms': 'give keepalive.time',
  'grpc.keepalive_timeout_ms': 'give keepalive.timeout',
  'grpc.enable_channelz': 'it is off: it keeps books on each call that nobody reads',
};

export const serverOptionsSchema = channelArguments.superRefine((options, context) => {
  for (const name of Object.keys(options)) {
    const hint = OWN_KEYS[name];
    if (hint === undefined) continue;
    const message = `"${name}" is set by squall`;
    context.addIssue({ code: 'custom', path: [name], message, params: { hint } });
  }
});

/** What a kind of server cannot do with it, as an issue of the schema of all targets. */
export function optionsIssue(isOfGrpcJs: boolean, options: ServerArguments | undefined) {
  if (isOfGrpcJs || options === undefined) return undefined;
  return {
    code: 'custom' as const,
    path: ['options'],
    message: 'the wire server takes no channel arguments: they are of grpc-js',
    params: { hint: 'use server: grpc-js' },
  };
}
