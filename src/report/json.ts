/** `summary.json`: the summary as text, for scripts and other tools. */
import type { Summary } from '../metrics/summary.js';

/** Indented, so that two runs can be compared line by line; ends with a line end. */
export function summaryJson(summary: Summary): string {
  return `${JSON.stringify(summary, undefined, 2)}\n`;
}
