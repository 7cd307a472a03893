/**
 * Hearing a stream of replies on grpc-js, with pauses: comes in a call of the library's, goes out what
 * its messages are and when it ends.
 *
 * Two traps of grpc-js 1.14.7. A call of which nothing was ever read takes in whatever comes, without
 * limit; but one that was given a listener reads once, even when it is paused in the same breath. And
 * a call reports its status while up to 16 messages, which it has read ahead, still wait for who reads.
 */
import type { ClientReadableStream, StatusObject } from '@grpc/grpc-js';
import { STATUS_OK, statusCode } from '../../base/status.js';
import type { OnReply, ReadingSide } from '../../calls/channel.js';
import type { CallTicket } from '../../calls/ticket.js';

const CANCELLED = statusCode('CANCELLED');
const INTERNAL = statusCode('INTERNAL');
/** What grpc-js says of octets that are none. */
export const NO_MESSAGE = 'the octets are no message';

/** @param onEnd told of the call's end, once. */
export function hearReplies(
  call: ClientReadableStream<Buffer>,
  ticket: CallTicket,
  onMessage: OnReply,
  onEnd: (status: Pick<StatusObject, 'code'>) => void,
): ReadingSide {
  let refuse: () => void = () => call.call?.cancelWithStatus(INTERNAL, NO_MESSAGE);
  call.on('data', (message: Buffer) => {
    if (onMessage(message, 0, message.length) === false) refuse();
  });
  // The status says the same again; without a listener the error would end the process.
  call.on('error', () => {});
  call.on('status', (status) => {
    if (status.code !== STATUS_OK || !call.isPaused() || call.readableLength === 0) {
      onEnd(status);
      return;
    }
    // The call is over for grpc-js, which therefore neither cancels nor refuses it any more.
    const ended = () => onEnd(status);
    const endNow = (code: number) => {
      call.off('end', ended);
      if (!ticket.ended) onEnd({ code });
    };
    call.once('end', ended);
    ticket.carrier = { cancel: () => endNow(CANCELLED) };
    refuse = () => endNow(INTERNAL);
  });
  return {
    pauseReading() {
      call.pause();
    },
    resumeReading() {
      if (!ticket.ended) call.resume();
    },
  };
}
