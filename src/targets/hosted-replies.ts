/**
 * The replies of one attempt on grpc-js when a fault acts on them: what takes the place of sending
 * each as it comes.
 *
 * grpc-js sends the replies of a call one after another, each when the one before it was taken, and
 * the status after the last. So a reply that is not reported as taken holds back all that follows.
 */
import { Metadata, type ServerInterceptor } from '@grpc/grpc-js';
import { callAt, type NowNs } from '../base/clock.js';
import type { Garbling } from '../faults/call-effect.js';
import { garbledReply } from './garbled-reply.js';
import { Pace } from './pace.js';

// grpc-js does not export these types by name.
type Call = Parameters<ServerInterceptor>[1];
type MethodDefinition = Parameters<ServerInterceptor>[0];

/** Takes a reply in the handler's place; `taken` lets it go on. */
export interface HostedReplies {
  send(message: unknown, taken: () => void): void;
  /** The fault is over, or the call is: what is held back is sent, and the rest as it comes. */
  letGo(): void;
}

/** Ends the call after so many replies, in place of all that would follow. */
export function abortingReplies(call: Call, messages: number, abort: () => void): HostedReplies {
  let sent = 0;
  return {
    send(message, taken) {
      sent++;
      call.sendMessage(message, sent < messages ? taken : abort);
    },
    letGo() {},
  };
}

/** Keeps replies to a rate. */
export function pacedReplies(call: Call, intervalNs: number, now: NowNs): HostedReplies {
  const pace = new Pace(intervalNs);
  let isPaced = true;
  let cancel = () => {};
  let sendHeld = () => {};
  return {
    send(message, taken) {
      const send = (hasWaited: boolean) => {
        sendHeld = () => {};
        pace.leaves(now(), hasWaited);
        call.sendMessage(message, taken);
      };
      if (!isPaced || pace.nextNs <= now()) return send(false);
      sendHeld = () => send(true);
      cancel = callAt(pace.nextNs, sendHeld, now);
    },
    letGo() {
      isPaced = false;
      cancel();
      sendHeld();
    },
  };
}

/**
 * Puts other octets in the place of the first reply.
 * @param end ends the call with OK.
 */
export function garbledReplies(
  call: Call,
  { responseSerialize }: MethodDefinition,
  garbling: Garbling,
  end: () => void,
): HostedReplies {
  let isFirst = true;
  return {
    send(message, taken) {
      if (!isFirst) return call.sendMessage(message, taken);
      isFirst = false;
      const octets = garbledReply(garbling, responseSerialize(message));
      // Octets that are no message of grpc-js's making go to the stream itself; its headers first.
      call.sendMetadata(new Metadata());
      streamOf(call)?.write(octets, garbling.kind === 'cut' ? end : taken);
    },
    letGo() {},
  };
}

interface OctetStream {
  readonly writable: boolean;
  write(octets: Uint8Array, done: () => void): unknown;
}

/**
 * The HTTP/2 stream below a call and its interceptors, whose names for each other are grpc-js's own
 * (1.14.7) and not public; undefined when the stream is gone.
 */
function streamOf(call: Call): OctetStream | undefined {
  let below = call as { nextCall?: unknown; stream?: OctetStream };
  while (below.nextCall !== undefined) below = below.nextCall as typeof below;
  if (below.stream === undefined) throw new Error('grpc-js calls have no stream any more');
  return below.stream.writable ? below.stream : undefined;
}
