/** A ticket whose owner checks that a driver tells everything once and in order. */
import assert from 'node:assert/strict';
import { monotonicNowNs } from '../../src/base/clock.js';
import { type StatusName, statusName } from '../../src/base/status.js';
import { type CallOwner, CallTicket } from '../../src/calls/ticket.js';

export interface Ended {
  readonly status: StatusName;
  /** The kinds of its attempts. */
  readonly attempts: readonly string[];
}

export interface Witness {
  readonly ticket: CallTicket;
  readonly ended: Promise<Ended>;
}

export function createWitness(): Witness {
  const attempts: string[] = [];
  let openAttempts = 0;
  let isOver = false;
  let end: (ended: Ended) => void = () => {};
  const ended = new Promise<Ended>((resolve) => {
    end = resolve;
  });
  const owner: CallOwner = {
    now: monotonicNowNs,
    zeroNs: 0,
    hedges: false,
    attemptStarted(_ticket, _backend, kind) {
      attempts.push(kind);
      openAttempts++;
    },
    attemptEnded() {
      openAttempts--;
    },
    callEnded(_ticket, code) {
      assert.equal(isOver, false, 'the call ended twice');
      isOver = true;
      assert.equal(openAttempts, 0, 'the call ended before its attempt');
      end({ status: statusName(code), attempts });
    },
  };
  const ticket = new CallTicket(owner, 0, 0, 0);
  ticket.sentNs = monotonicNowNs();
  return { ticket, ended };
}
