/**
 * Ctrl-C. The first one asks the run to end: open calls are given a moment, what was measured is
 * saved and reported. The second ends the program at once; lines that were recorded are on disk.
 */
import { EXIT_INTERRUPTED } from '../gates/outcome.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** One key press can arrive twice: from the terminal, and handed on by npm. */
const SAME_PRESS_MS = 100;

/**
 * Listens until the program ends: a key press during its last moments must not change its exit code.
 * @param say shows a line to the user.
 * @returns a signal that the first press aborts.
 */
export function listenForInterrupt(say: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  let askedMs = Number.POSITIVE_INFINITY;
  const onSignal = (signal: NodeJS.Signals) => {
    if (performance.now() - askedMs > SAME_PRESS_MS) process.exit(EXIT_INTERRUPTED);
    if (controller.signal.aborted) return;
    askedMs = performance.now();
    say(`${signal}: ending the run; what was measured is kept (once more to quit at once)`);
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return controller.signal;
}
