/** Chat messages as servers counted them, added up over backends and intervals of a phase. */
import type { TargetCounts } from '../metrics/record.js';
import type { ServerChatSummary } from '../metrics/summary.js';
import { withDefined } from './with-defined.js';

const NS_PER_MS = 1e6;

/** The sum of none. */
export const NO_CHAT: ServerChatSummary = {
  received: 0,
  delivered: 0,
  dropped: 0,
  readersDisconnected: 0,
  outboxMessagesMax: 0,
};

/** Whether there is anything to say: messages, or somebody who waits for some. */
export function hasChat(counts: TargetCounts): boolean {
  const {
    messagesReceived,
    messagesDelivered,
    readersBlockedNs = 0,
    sendersStoppedNs = 0,
  } = counts;
  return messagesReceived + messagesDelivered + readersBlockedNs + sendersStoppedNs > 0;
}

/** Older records do not know what became of slow readers. */
export function sumChats(sum: ServerChatSummary, counts: TargetCounts): ServerChatSummary {
  const { messagesDropped = 0, readersDisconnected = 0, outboxMessagesMax = 0 } = counts;
  return {
    received: sum.received + counts.messagesReceived,
    delivered: sum.delivered + counts.messagesDelivered,
    dropped: sum.dropped + messagesDropped,
    readersDisconnected: sum.readersDisconnected + readersDisconnected,
    outboxMessagesMax: Math.max(sum.outboxMessagesMax, outboxMessagesMax),
    ...withDefined({
      outboxBytesMax: most(sum.outboxBytesMax, counts.outboxBytesMax),
      heldMessagesMax: most(sum.heldMessagesMax, counts.heldMessagesMax),
      heldBytesMax: most(sum.heldBytesMax, counts.heldBytesMax),
      readersBlockedMs: plus(sum.readersBlockedMs, inMs(counts.readersBlockedNs)),
      sendersStopped: plus(sum.sendersStopped, counts.sendersStopped),
      sendersStoppedMs: plus(sum.sendersStoppedMs, inMs(counts.sendersStoppedNs)),
    }),
  };
}

const inMs = (ns: number | undefined) => (ns === undefined ? undefined : ns / NS_PER_MS);

/** The sum of those that are known; undefined when neither is. */
function plus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}

function most(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : Math.max(a ?? 0, b ?? 0);
}
