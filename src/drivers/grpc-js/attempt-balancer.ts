/**
 * A load balancing policy that balances nothing: it wraps the policy under test and reports every
 * attempt that is sent, with its backend, to the call's ticket.
 *
 * Interceptors see a call once, whatever its retries; a balancer's pick happens once for each
 * attempt, also for hedges and transparent retries, and `onCallStarted` only fires when the attempt
 * really got a stream. The ticket travels in the metadata's options object, which grpc-js hands on by
 * reference to every attempt of a call and never sends.
 *
 * The balancer interface of grpc-js is experimental: `register-policies.ts` names the files that use it.
 */
import { experimental, type Metadata, type MetadataOptions } from '@grpc/grpc-js';
import type { AttemptWord } from '../../calls/call-sample.js';
import type { CallTicket } from '../../calls/ticket.js';
import { connectionNumber } from './connection-number.js';
import type { PolicyAround } from './policy-around.js';
import { resetCodeOf } from './reset-code.js';

type Picker = experimental.Picker;
type PickArgs = experimental.PickArgs;
type PickResult = experimental.PickResult;

/** Name under which the policy stands in a service config. */
export const ATTEMPT_BALANCER = 'squall_attempts';

/** When a server wants to be tried again, in ms (gRFC A6). */
const PUSHBACK_KEY = 'grpc-retry-pushback-ms';

/** Metadata options that carry a call's ticket. */
export interface TicketOptions extends MetadataOptions {
  readonly ticket: CallTicket;
}

/** The service config entry that puts under observation whichever of some policies grpc-js takes. */
export function observed(
  ...policies: readonly Readonly<Record<string, unknown>>[]
): Record<string, unknown> {
  return { [ATTEMPT_BALANCER]: { child_policy: policies } };
}

interface AttemptBalancerJson {
  readonly child_policy: Record<string, object>[];
}

export const attemptBalancer: PolicyAround<AttemptBalancerJson, undefined> = {
  name: ATTEMPT_BALANCER,
  /** As grpc-js chooses: the first that it can parse, and pick_first without any. */
  parse(json) {
    const child = experimental.selectLbConfigFromList(json.child_policy, true);
    if (child === null) throw new Error('grpc-js has no default policy');
    return { child, options: undefined };
  },
  write: ({ child }) => ({ child_policy: [child.toJsonObject()] }),
  create: (helper) => ({
    changes: {
      updateState: (state, picker, errorMessage) =>
        helper.updateState(state, new AttemptPicker(picker), errorMessage),
    },
  }),
};

class AttemptPicker implements Picker {
  private readonly inner: Picker;

  constructor(inner: Picker) {
    this.inner = inner;
  }

  pick(args: PickArgs): PickResult {
    const result = this.inner.pick(args);
    const { subchannel } = result;
    const { ticket } = args.metadata.getOptions() as Partial<TicketOptions>;
    const complete = result.pickResultType === experimental.PickResultType.COMPLETE;
    if (!complete || subchannel === null || ticket === undefined) return result;
    const address = subchannel.getAddress();
    // A path alone is how it names a unix socket.
    const backend = address.startsWith('/') ? `unix:${address}` : address;
    return observe(result, subchannel, ticket, backend, previousAttempts(args.metadata));
  }
}

function previousAttempts(metadata: Metadata): number {
  const declared = metadata.get('grpc-previous-rpc-attempts')[0];
  return declared === undefined ? 0 : Number(declared);
}

function observe(
  result: PickResult,
  subchannel: experimental.SubchannelInterface,
  ticket: CallTicket,
  backend: string,
  previous: number,
): PickResult {
  const { owner } = ticket;
  let startedNs = 0;
  return {
    ...result,
    onCallStarted: () => {
      result.onCallStarted?.();
      startedNs = owner.now();
      const kind = ticket.nextAttemptKind(previous);
      const connection = ticket.sample && connectionNumber(subchannel);
      owner.attemptStarted(ticket, backend, kind, connection);
    },
    onCallEnded: (code, details, metadata) => {
      result.onCallEnded?.(code, details, metadata);
      const word = ticket.sample && wordOf(details, metadata);
      owner.attemptEnded(ticket, backend, code, owner.now() - startedNs, word);
    },
  } as PickResult;
}

function wordOf(details: string, metadata: Metadata): AttemptWord {
  const pushback = metadata.get(PUSHBACK_KEY)[0]?.toString();
  return { details, pushback, resetCode: resetCodeOf(details) };
}
