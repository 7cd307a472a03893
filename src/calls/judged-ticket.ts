/**
 * A ticket for the driver in a call's place, whose end is judged before it is counted: a reply can be
 * wrong although the server says OK, and only the kind of call knows.
 *
 * Comes in the call's own ticket and a judge; goes out one that counts all attempts, with the status
 * that the server gave them, under the call's own.
 */
import { type CallOwner, CallTicket } from './ticket.js';

/**
 * @param judge what the call ends with, given the status that the driver came to; called once.
 */
export function judgedTicket(ticket: CallTicket, judge: (code: number) => number): CallTicket {
  const { owner } = ticket;
  const judging: CallOwner = {
    now: () => owner.now(),
    zeroNs: owner.zeroNs,
    hedges: owner.hedges,
    attemptStarted: (_judged, backend, kind, connection) =>
      owner.attemptStarted(ticket, backend, kind, connection),
    attemptEnded: (_judged, backend, code, durationNs, word) =>
      owner.attemptEnded(ticket, backend, code, durationNs, word),
    callEnded(_judged, code, endNs) {
      ticket.ended = true;
      owner.callEnded(ticket, judge(code), endNs);
    },
  };
  const judged = new CallTicket(judging, ticket.ordinal, ticket.dueNs, ticket.phase);
  judged.sentNs = ticket.sentNs;
  judged.sample = ticket.sample;
  ticket.carrier = judged;
  return judged;
}
