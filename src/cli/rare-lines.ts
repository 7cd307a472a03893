/**
 * Lines that may come thousands of times a second: each text is shown at once, and then once a second at
 * most, with how often it came meanwhile.
 */
import { type NowNs, NS_PER_SECOND } from '../base/clock.js';

/** Texts that are remembered; beyond it the oldest is forgotten. */
const TEXTS_MAX = 100;
/** Where text of a peer may hold it: ports, which make every text another. */
const PORT = /^(\S+):\d+ /;

export function createRareLines(say: (line: string) => void, now: NowNs): (line: string) => void {
  const shown = new Map<string, { atNs: number; kept: number }>();
  return (line) => {
    const text = line.replace(PORT, '$1 ');
    const last = shown.get(text);
    if (last !== undefined && now() - last.atNs < NS_PER_SECOND) {
      last.kept++;
      return;
    }
    const more = last === undefined || last.kept === 0 ? '' : ` (and ${last.kept} times since)`;
    shown.delete(text);
    shown.set(text, { atNs: now(), kept: 0 });
    if (shown.size > TEXTS_MAX) shown.delete([...shown.keys()][0] ?? '');
    say(`${printable(line)}${more}`);
  };
}

/** A peer's text on a terminal: no control characters. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, '?');
}
