/**
 * One SayAll: a stream of messages whose one reply says how many arrived, held against how many were
 * sent. Whoever speaks over it, on a schedule or as fast as it goes, ends it here.
 */
import { STATUS_OK, statusCode } from '../base/status.js';
import type { CallContext } from './call.js';
import type { MessageStream } from './channel.js';
import { decodeSaid, SAY_ALL_METHOD } from './chat-codec.js';
import { judgedTicket } from './judged-ticket.js';
import type { CallTicket } from './ticket.js';

/** Another number of messages arrived than was sent. No server and no gRPC library uses it for more. */
const WRONG_COUNT = statusCode('DATA_LOSS');
/** As gRPC says of a reply that cannot be read. */
const UNREADABLE = statusCode('INTERNAL');

export interface SaidAll {
  readonly stream: MessageStream;
  /** Messages sent so far: to be kept by whoever writes to the stream. */
  sent: number;
}

/**
 * Opens it.
 * @param onEnd told when the call is over, before it is counted.
 */
export function openSayAll(
  context: CallContext,
  ticket: CallTicket,
  room: string,
  onEnd: () => void = () => {},
): SaidAll {
  let said: number | undefined;
  const judged = judgedTicket(ticket, (code) => {
    onEnd();
    if (code !== STATUS_OK) return code;
    if (said === undefined) return UNREADABLE;
    return said === call.sent ? STATUS_OK : WRONG_COUNT;
  });
  const call: SaidAll = {
    sent: 0,
    stream: context
      .channel()
      .clientStream(SAY_ALL_METHOD, judged, context.deadlineNs, { room }, (bytes, start, end) => {
        said = saidIn(bytes, start, end);
      }),
  };
  return call;
}

function saidIn(bytes: Uint8Array, start: number, end: number): number | undefined {
  try {
    return decodeSaid(Buffer.from(bytes.subarray(start, end)));
  } catch {
    return undefined;
  }
}
