/**
 * The terminal report's lines on backpressure: who could not send, for how long, and what waited for whom
 * meanwhile; what became of it stands in the table of readers. A phase in which nobody had to wait has no line, a figure of nothing is left out.
 */
import { formatBytes, formatCount, formatMs, formatUs, timesOf } from '../metrics/figures.js';
import type {
  PhaseSummary,
  ServerChatSummary,
  SlowReaderSummary,
  WindowSummary,
} from '../metrics/summary.js';
import { labelled, type Style } from './terminal-style.js';

/** Undefined when nothing waited in any phase. */
export function backpressureBlock(
  style: Style,
  phases: readonly PhaseSummary[],
): string | undefined {
  const lines = phases.flatMap((phase) => {
    const parts = describe(phase);
    return parts.length === 0 ? [] : [labelled(style, phase.name, parts.join('; '))];
  });
  if (lines.length === 0) return undefined;
  return [`  ${style.paint.dim('backpressure')}`, ...lines].join('\n');
}

function describe({ streams, chat, windows }: PhaseSummary): string[] {
  return [
    ...slowReaders(streams?.slowReaders),
    ...readers(chat),
    ...senders(chat),
    ...stopped('the servers’', windows?.server),
    ...stopped('the clients’', windows?.client),
  ];
}

function slowReaders(found: SlowReaderSummary | undefined): string[] {
  if (found === undefined) return [];
  const p99 = found.messageLatencyUs?.p99;
  const late = p99 === undefined ? '' : `, p99 ${formatUs(p99)}`;
  return [`slow readers heard ${formatCount(found.messagesReceived)} messages${late}`];
}

function readers(chat: ServerChatSummary | undefined): string[] {
  if (chat === undefined) return [];
  const { outboxMessagesMax, outboxBytesMax = 0, heldMessagesMax = 0, heldBytesMax = 0 } = chat;
  const { readersBlockedMs = 0 } = chat;
  return [
    ...(readersBlockedMs > 0
      ? [`readers accepted nothing for ${formatMs(readersBlockedMs)}, summed over readers`]
      : []),
    ...(outboxMessagesMax > 0
      ? [
          `up to ${formatBytes(outboxBytesMax)} waited for one reader, for all ` +
            `${formatCount(heldMessagesMax)} messages (${formatBytes(heldBytesMax)})`,
        ]
      : []),
  ];
}

function senders(chat: ServerChatSummary | undefined): string[] {
  const { sendersStopped = 0, sendersStoppedMs = 0 } = chat ?? {};
  if (sendersStopped + sendersStoppedMs === 0) return [];
  return [
    `senders had to wait ${howOften(sendersStopped)}, for ${formatMs(sendersStoppedMs)}, summed over ` +
      'senders',
  ];
}

/** A wait is counted in the interval in which it begins, its time in those in which it lasts. */
const howOften = (count: number) => (count === 0 ? 'from before on' : timesOf(count));

function stopped(whose: string, windows: WindowSummary | undefined): string[] {
  if (windows === undefined) return [];
  const { streamsStopped, streamsStoppedMs, connectionsStopped, connectionsStoppedMs } = windows;
  const parts = [
    ...(streamsStoppedMs > 0
      ? [`streams’ ${howOften(streamsStopped)}, ${formatMs(streamsStoppedMs)} in all`]
      : []),
    ...(connectionsStoppedMs > 0
      ? [`connections’ ${howOften(connectionsStopped)}, ${formatMs(connectionsStoppedMs)} in all`]
      : []),
  ];
  return parts.length === 0 ? [] : [`${whose} windows at zero: ${parts.join(', ')}`];
}
