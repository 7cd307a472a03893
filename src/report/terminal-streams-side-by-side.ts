/**
 * The terminal report's table of variants by what their streams did: messages, how long they took to be
 * heard, and what servers kept and gave up for readers that were too slow.
 */
import { formatBytes, formatCount, formatMs } from '../metrics/figures.js';
import type { PhaseSummary, VariantSummary } from '../metrics/summary.js';
import { heard, us } from './terminal-phases.js';
import { ABSENT, left, right, type Style, table, titleRule } from './terminal-style.js';

/** Undefined with a single variant, and where no message was handed from one stream to another. */
export function streamsSideBySide(
  style: Style,
  variants: readonly VariantSummary[],
): string | undefined {
  const judged = variants.flatMap(({ name, phases }) =>
    phases.filter(({ discard }) => !discard).map((phase) => ({ variant: name, phase })),
  );
  const hasMessages = judged.some(({ phase }) => (phase.streams?.messagesReceived ?? 0) > 0);
  // Beside calls that have a table, only where servers tell what they kept for readers.
  const isWanted = judged.some(
    ({ phase }) => phase.latencyUs === undefined || phase.chat !== undefined,
  );
  if (variants.length < 2 || !hasMessages || !isWanted) return undefined;
  const names = [...new Set(judged.map(({ phase }) => phase.name))];
  const rows = names.flatMap((name) =>
    judged
      .filter(({ phase }) => phase.name === name)
      .map(({ variant, phase }, index) => [index === 0 ? name : '', variant, ...figuresOf(phase)]),
  );
  const columns = [
    left('phase'),
    left('variant'),
    right('missed'),
    right('delivered'),
    right('p99'),
    right('kept\nfor one'),
    right('dropped'),
    right('cut off'),
    right('senders waited,\nall together'),
  ];
  return `${titleRule(style, 'messages side by side')}\n\n${table(style, columns, rows)}`;
}

function figuresOf({ streams, chat }: PhaseSummary): string[] {
  return [
    streams === undefined ? ABSENT : formatCount(streams.messagesMissed),
    streams === undefined ? ABSENT : heard(streams),
    us(streams?.messageLatencyUs?.p99),
    chat?.outboxBytesMax === undefined ? ABSENT : formatBytes(chat.outboxBytesMax),
    chat === undefined ? ABSENT : formatCount(chat.dropped),
    chat === undefined ? ABSENT : formatCount(chat.readersDisconnected),
    chat?.sendersStoppedMs === undefined ? ABSENT : formatMs(chat.sendersStoppedMs),
  ];
}
