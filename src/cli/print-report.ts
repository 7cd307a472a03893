/** The result on stdout: the report for people, or summary.json alone for programs. */
import type { Summary } from '../metrics/summary.js';
import { summaryJson } from '../report/json.js';
import { renderTerminal } from '../report/terminal.js';

const WIDTH_ELSEWHERE = 100;

export function printReport(summary: Summary, json: boolean): void {
  process.stdout.write(
    json
      ? summaryJson(summary)
      : renderTerminal(summary, {
          colour: wantsColour(process.stdout),
          width: process.stdout.columns ?? WIDTH_ELSEWHERE,
        }),
  );
}

/** NO_COLOR and FORCE_COLOR as everywhere; otherwise colour on a terminal only. */
function wantsColour(stream: NodeJS.WriteStream): boolean {
  if (process.env['NO_COLOR']) return false;
  return Boolean(process.env['FORCE_COLOR']) || stream.isTTY;
}
