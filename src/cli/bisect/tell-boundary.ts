/** What a bisection found, in sentences, and as an exit code. */
import Table from 'cli-table3';
import { EXIT_FAIL, EXIT_INTERRUPTED, EXIT_INVALID, EXIT_PASS } from '../../gates/outcome.js';
import type { Scale } from './scale.js';
import type { Boundary, Point } from './search.js';

const VERB = { pass: 'passes', fail: 'fails' } as const;
const OTHER = { pass: 'fail', fail: 'pass' } as const;

/**
 * | code | when                                                                     |
 * | ---- | ------------------------------------------------------------------------ |
 * | 0    | a boundary was found                                                     |
 * | 1    | there is none: the check says the same at both ends                      |
 * | 3    | runs could not decide it                                                 |
 * | 130  | it was interrupted                                                       |
 */
export function boundaryExitCode(boundary: Boundary): number {
  const codes = {
    found: EXIT_PASS,
    none: EXIT_FAIL,
    open: EXIT_INVALID,
    unfinished: EXIT_INTERRUPTED,
  };
  return codes[boundary.kind];
}

/** @param title of what was moved. @param check that was looked at. */
export function tellBoundary(
  boundary: Boundary,
  { show, from, to }: Scale,
  { title, check }: { readonly title: string; readonly check: string },
): string {
  switch (boundary.kind) {
    case 'none':
      return (
        `There is no boundary between ${show(from)} and ${show(to)}: ${check} ` +
        `${VERB[boundary.side]} at both.`
      );
    case 'open':
      return (
        `At ${title} = ${show(boundary.value)} the runs could not decide ${check}` +
        `${tellSoFar(boundary, show)}.`
      );
    case 'unfinished':
      return 'It was interrupted before a boundary was found.';
    case 'found':
      return tellFound(boundary, show, check);
  }
}

function tellSoFar({ between }: Extract<Boundary, { kind: 'open' }>, show: Scale['show']): string {
  if (between === undefined) return '';
  const { before, near, far } = between;
  return `; for the most part it ${VERB[before]} at ${show(near)} and ${VERB[OTHER[before]]} at ${show(far)}`;
}

function tellFound(
  { before, until, since, mixed }: Extract<Boundary, { kind: 'found' }>,
  show: Scale['show'],
  check: string,
): string {
  const after = OTHER[before];
  const sides = [
    until === undefined
      ? `${check} ${VERB[before]} for the most part only, at the first value already.`
      : `${check} ${VERB[before]} up to ${show(until)}, in every run.`,
    since === undefined
      ? `It ${VERB[after]} for the most part only, at the last value still.`
      : `It ${VERB[after]} from ${show(since)} on, in every run.`,
  ];
  if (mixed.length === 0) return sides.join(' ');
  const told = mixed.map((point) => `${show(point.value)} (${tellAnswers(point)})`).join(', ');
  return `${sides.join(' ')} In between chance decides: ${told}.`;
}

/** All values that were asked, in order. @param title of what was moved. */
export function renderPoints(points: readonly Point[], { show }: Scale, title: string): string {
  const table = new Table({ head: [title, ''], style: { head: [], border: [] } });
  for (const point of points) table.push([show(point.value), tellAnswers(point)]);
  return table.toString();
}

/** `2 of 3 passed` */
function tellAnswers({ answers }: Point): string {
  const of = (wanted: string) => answers.filter((answer) => answer === wanted).length;
  const open = of('open') === 0 ? '' : `, ${of('open')} undecided`;
  return `${of('pass')} of ${answers.length - of('open')} passed${open}`;
}
