/**
 * The replies of one call on the wire server when a fault acts on them: what takes the place of
 * sending each as it comes. `hosted-replies.ts` is the same for grpc-js.
 */
import { callAt, type NowNs } from '../base/clock.js';
import { createFifo } from '../base/fifo.js';
import type { Garbling } from '../faults/call-effect.js';
import { MESSAGE_PREFIX_BYTES } from '../http2/grpc-message.js';
import { type Framed, keepFramed, wholeFramed } from './framed.js';
import { garbledReply } from './garbled-reply.js';
import { Pace } from './pace.js';

/** The call, as its replies see it. */
export interface ReplySink {
  /** Octets wait for the peer's windows. */
  readonly isBlocked: boolean;
  /** Sends a reply. @returns whether the stream takes more without waiting. */
  send(framed: Framed): boolean;
  /** Ends the call with OK. */
  finish(): void;
  /** Tells whoever waits for it that the stream takes more. */
  resume(): void;
}

/** What stands in the place of a call's own `write` and `end`. */
export interface WireReplies {
  write(framed: Framed): boolean;
  end(): void;
  /** The stream takes more. */
  drained(): void;
  /** The fault is over, or the call is: what is held back is sent, and the rest as it comes. */
  letGo(): void;
}

/** Ends the call after so many replies, in place of all that would follow. */
export function abortingReplies(sink: ReplySink, messages: number, abort: () => void): WireReplies {
  let sent = 0;
  return {
    write(framed) {
      const isWritable = sink.send(framed);
      sent++;
      if (sent === messages) abort();
      return isWritable;
    },
    end: () => sink.finish(),
    drained: () => sink.resume(),
    letGo() {},
  };
}

/** Puts other octets in the place of the first reply. */
export function garbledReplies(sink: ReplySink, garbling: Garbling): WireReplies {
  let isFirst = true;
  return {
    write(framed) {
      if (!isFirst) return sink.send(framed);
      isFirst = false;
      const { bytes, start, end } = framed;
      const message = bytes.subarray(start + MESSAGE_PREFIX_BYTES, end);
      const isWritable = sink.send(wholeFramed(garbledReply(garbling, message)));
      if (garbling.kind === 'cut') sink.finish();
      return isWritable;
    },
    end: () => sink.finish(),
    drained: () => sink.resume(),
    letGo() {},
  };
}

/**
 * Keeps replies to a rate. It says that it takes no more until the next is due, so whoever speaks
 * waits; what comes all the same, before the end of a stream, is kept.
 */
export function pacedReplies(sink: ReplySink, intervalNs: number, now: NowNs): WireReplies {
  const pace = new Pace(intervalNs);
  const kept = createFifo<Framed>();
  let isPaced = true;
  let isEnded = false;
  let cancel: (() => void) | undefined;

  const send = (framed: Framed, hasWaited: boolean): boolean => {
    pace.leaves(now(), hasWaited);
    return sink.send(framed);
  };
  /** Sends what is due, and waits for the next time unless nobody has anything to say. */
  const proceed = () => {
    while (kept.size > 0 && !sink.isBlocked && (!isPaced || pace.nextNs <= now())) {
      const framed = kept.shift();
      if (framed !== undefined) send(framed, true);
    }
    if (kept.size === 0 && isEnded) sink.finish();
    else if (isPaced && pace.nextNs > now()) cancel ??= callAt(pace.nextNs, onTime, now);
    else if (kept.size === 0 && !sink.isBlocked) sink.resume();
  };
  const onTime = () => {
    cancel = undefined;
    proceed();
  };

  return {
    write(framed) {
      const isDue = !isPaced || pace.nextNs <= now();
      if (isDue && kept.size === 0 && !sink.isBlocked) {
        const isWritable = send(framed, false);
        if (!isPaced) return isWritable;
      } else kept.push(keepFramed(framed));
      cancel ??= callAt(pace.nextNs, onTime, now);
      return false;
    },
    end() {
      isEnded = true;
      if (kept.size === 0) sink.finish();
    },
    drained: proceed,
    letGo() {
      isPaced = false;
      cancel?.();
      cancel = undefined;
      proceed();
    },
  };
}
