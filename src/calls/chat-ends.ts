/**
 * How a chat stream ends, as its load says: at the load's end, after a lifetime, after so many messages;
 * or it falls silent first, and listens on.
 *
 *   open ──lifetime, count, end of the load──────────► half-closed, and the server ends it: OK
 *     └───halfClose──► silent ──lifetime, end of the load──► cancelled, which is its end: OK
 *
 * The server is told of a member that will fall silent when it joins (`half-close: stay`): others leave
 * their room when they half-close, and their stream ends.
 */
import { STATUS_OK, statusCode } from '../base/status.js';
import type { CallContext } from './call.js';
import type { CallMetadata } from './call-metadata.js';
import type { DuplexStream } from './channel.js';
import { judgedTicket } from './judged-ticket.js';
import type { CallTicket } from './ticket.js';

const CANCELLED = statusCode('CANCELLED');
const STAYS: CallMetadata = { 'half-close': 'stay' };
const LEAVES: CallMetadata = {};

export interface ChatEndOptions {
  /** In ns from the call's send. */
  readonly lifetime?: number | undefined;
  /** Messages due. */
  readonly count?: number | undefined;
  /** In ns from the call's send, or after so many messages due. */
  readonly halfClose?: number | { readonly messages: number } | undefined;
}

export interface ChatEnds {
  readonly stream: DuplexStream;
  /** Nothing more is said on it. */
  readonly isSilent: boolean;
  /** To be told of each message that was due. */
  said(): void;
  /** Ends it in order. */
  finish(): void;
}

/** @param open opens the stream, with the ticket and the metadata that it needs for its end. */
export function openChatEnds(
  { lifetime, count, halfClose }: ChatEndOptions,
  { at }: Pick<CallContext, 'at'>,
  ticket: CallTicket,
  open: (ticket: CallTicket, metadata: CallMetadata) => DuplexStream,
): ChatEnds {
  let isSilent = false;
  let isLeaving = false;
  let due = 0;
  const judged =
    halfClose === undefined
      ? ticket
      : judgedTicket(ticket, (code) => (isLeaving && code === CANCELLED ? STATUS_OK : code));
  const stream = open(judged, halfClose === undefined ? LEAVES : STAYS);
  const fallSilent = () => {
    isSilent = true;
    stream.finish();
  };
  const finish = () => {
    if (halfClose === undefined) {
      fallSilent();
      return;
    }
    isSilent = isLeaving = true;
    judged.cancel();
  };
  if (typeof halfClose === 'number') at(ticket.sentNs + halfClose, fallSilent);
  if (lifetime !== undefined) at(ticket.sentNs + lifetime, finish);
  const silentAfter = typeof halfClose === 'object' ? halfClose.messages : undefined;
  return {
    stream,
    get isSilent() {
      return isSilent;
    },
    said() {
      due++;
      if (due === count) finish();
      else if (due === silentAfter) fallSilent();
    },
    finish,
  };
}
