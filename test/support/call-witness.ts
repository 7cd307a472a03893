/** A call's ticket for tests of drivers: what its owner was told, with the order checked. */
import assert from 'node:assert/strict';
import { monotonicNowNs } from '../../src/base/clock.js';
import { type StatusName, statusName } from '../../src/base/status.js';
import type { CallChannel } from '../../src/calls/channel.js';
import { encodeChatMessage, SAY_METHOD } from '../../src/calls/chat-codec.js';
import { type CallOwner, CallTicket } from '../../src/calls/ticket.js';
import type { Driver } from '../../src/drivers/driver.js';

/** A message for `SAY_METHOD`. */
export const REQUEST = encodeChatMessage({ user: 'u', content: 'c', timestamp: 0 });

export interface Ended {
  readonly status: StatusName;
  /** Kinds of attempts, in order. */
  readonly attempts: readonly string[];
  /** How many calls waited for a stream when this one began to; absent when it did not. */
  readonly waiting?: number;
}

export interface Witness {
  readonly ticket: CallTicket;
  readonly ended: Promise<Ended>;
}

/**
 * A ticket whose owner checks that everything is told once and in order, and writes it down when the
 * ticket is given a sample.
 */
export function createWitness(ordinal = 0): Witness {
  const attempts: string[] = [];
  let waiting: number | undefined;
  let openAttempts = 0;
  let hasEnded = false;
  let end: (ended: Ended) => void = () => {};
  const ended = new Promise<Ended>((resolve) => {
    end = resolve;
  });
  const owner: CallOwner = {
    now: monotonicNowNs,
    zeroNs: 0,
    hedges: false,
    callQueued(_ticket, count) {
      assert.equal(waiting, undefined, 'a call is queued once');
      waiting = count;
    },
    attemptStarted({ sample }, backend, kind, connection) {
      attempts.push(kind);
      openAttempts++;
      sample?.started(kind, backend, monotonicNowNs(), connection);
    },
    attemptEnded({ sample }, backend, code, durationNs, word) {
      openAttempts--;
      const endNs = monotonicNowNs();
      sample?.ended(backend, endNs - durationNs, endNs, code, word);
    },
    callEnded(_ticket, code) {
      assert.equal(openAttempts, 0, 'the call ended before its attempt');
      assert.equal(hasEnded, false, 'the call ended twice');
      hasEnded = true;
      end({ status: statusName(code), attempts, ...(waiting === undefined ? {} : { waiting }) });
    },
  };
  const ticket = new CallTicket(owner, ordinal, 0, 0);
  ticket.sentNs = monotonicNowNs();
  return { ticket, ended };
}

/** The first channel of a driver. */
export function channelOf(driver: Driver): CallChannel {
  const [channel] = driver.channels;
  if (channel === undefined) throw new Error('a driver has a channel');
  return channel;
}

/** Starts a unary call. */
export function startCall(driver: Driver, deadlineMs?: number, ordinal = 0): Witness {
  const witness = createWitness(ordinal);
  const deadlineNs = deadlineMs === undefined ? undefined : deadlineMs * 1e6;
  channelOf(driver).unary(SAY_METHOD, REQUEST, witness.ticket, deadlineNs);
  return witness;
}
