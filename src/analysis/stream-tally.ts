/** Messages on long-lived streams in one phase, added up over loads. */
import { type MergedDurations, mergedDurations } from '../metrics/merged-durations.js';
import type { StreamCell } from '../metrics/record.js';
import type { StreamSummary } from '../metrics/summary.js';
import { withDefined } from './with-defined.js';

export interface StreamTally {
  messagesOffered: number;
  messagesSent: number;
  messagesMissed: number;
  messagesReceived: number;
  writeStallNs: number;
  bufferedBytesMax: number;
  readonly messageLatency: MergedDurations;
  slowMessagesReceived: number;
  readonly slowMessageLatency: MergedDurations;
}

export function emptyStreamTally(): StreamTally {
  return {
    messagesOffered: 0,
    messagesSent: 0,
    messagesMissed: 0,
    messagesReceived: 0,
    writeStallNs: 0,
    bufferedBytesMax: 0,
    messageLatency: mergedDurations(),
    slowMessagesReceived: 0,
    slowMessageLatency: mergedDurations(),
  };
}

/** Adds a cell to a tally. */
export function addStreamCell(tally: StreamTally, cell: StreamCell): void {
  tally.messagesOffered += cell.messagesOffered;
  tally.messagesSent += cell.messagesSent;
  tally.messagesMissed += cell.messagesMissed;
  tally.messagesReceived += cell.messagesReceived;
  tally.writeStallNs += cell.writeStallNs;
  tally.bufferedBytesMax = Math.max(tally.bufferedBytesMax, cell.bufferedBytesMax);
  tally.messageLatency.add(cell.messageLatency);
  tally.slowMessagesReceived += cell.slowMessagesReceived ?? 0;
  tally.slowMessageLatency.add(cell.slowMessageLatency);
}

/** @param hasReaders whether any load has somebody to hear messages. */
export function summariseStreams(tally: StreamTally, hasReaders: boolean): StreamSummary {
  const { messageLatency, slowMessagesReceived, slowMessageLatency, writeStallNs, ...counts } =
    tally;
  const slowReaders =
    slowMessagesReceived === 0
      ? undefined
      : {
          messagesReceived: slowMessagesReceived,
          ...withDefined({ messageLatencyUs: slowMessageLatency.summarise() }),
        };
  return {
    ...counts,
    ...(hasReaders ? {} : { unheard: true as const }),
    writeStallMs: writeStallNs / 1e6,
    ...withDefined({ messageLatencyUs: messageLatency.summarise(), slowReaders }),
  };
}
