/**
 * The terminal report's table of slow readers of chats: the servers' own count of what waited for them,
 * and of what became of it.
 */
import { formatCount } from '../metrics/figures.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { ABSENT, left, right, type Style, table } from './terminal-style.js';

/** Undefined where no message ever waited for a reader. */
export function readerTable(style: Style, phases: readonly PhaseSummary[]): string | undefined {
  const hasWaited = phases.some(
    ({ chat }) =>
      chat !== undefined && chat.dropped + chat.readersDisconnected + chat.outboxMessagesMax > 0,
  );
  if (!hasWaited) return undefined;
  const rows = phases.flatMap(({ name, discard, chat }) =>
    chat === undefined
      ? []
      : [
          [
            discard ? `${name} *` : name,
            formatCount(chat.received),
            formatCount(chat.delivered),
            chat.outboxMessagesMax === 0 ? ABSENT : formatCount(chat.outboxMessagesMax),
            formatCount(chat.dropped),
            formatCount(chat.readersDisconnected),
          ],
        ],
  );
  const columns = [
    left('phase'),
    right('servers heard'),
    right('handed on'),
    right('most waiting for one'),
    right('dropped'),
    right('readers cut off'),
  ];
  return table(style, columns, rows);
}
