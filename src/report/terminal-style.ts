/** How the terminal report looks: colours, tables without lines, wrapped sentences. */
import Table from 'cli-table3';
import pc from 'picocolors';
import type { Verdict } from '../metrics/summary.js';

export type Paint = ReturnType<typeof pc.createColors>;

export interface Style {
  readonly paint: Paint;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Narrower than this nothing can be laid out; text then runs over. */
const WIDTH_MIN = 60;

export function styleOf({ colour, width }: { colour: boolean; width: number }): Style {
  return { paint: pc.createColors(colour), width: Math.max(width, WIDTH_MIN) };
}

/** What stands in a table where nothing was measured. */
export const ABSENT = '–';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export const left = (title: string): Column => ({ title, align: 'left' });
export const right = (title: string): Column => ({ title, align: 'right' });

/** A table: a dim heading, two spaces between columns, no lines. Rows are already painted. */
export function table({ paint }: Style, columns: readonly Column[], rows: readonly string[][]) {
  const names = ['top', 'bottom', 'left', 'right', 'mid'] as const;
  const none = Object.fromEntries(
    names.flatMap((name) => [
      [name, ''],
      ...['mid', 'left', 'right'].map((end) => [`${name}-${end}`, '']),
    ]),
  );
  const made = new Table({
    head: columns.map(({ title }) => title.split('\n').map(paint.dim).join('\n')),
    colAligns: columns.map(({ align }) => align),
    chars: { ...none, middle: '  ' },
    // cli-table3 paints even into a pipe unless it is told not to.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  made.push(...rows);
  return indent(made.toString(), 2);
}

/**
 * Breaks plain text at spaces into lines of at most `width`; a longer word has a line of its own.
 * Non-breaking spaces hold together what belongs together, and come out as spaces.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((one) => one.replaceAll('\u00a0', ' '));
}

/** Every line moved to the right, without spaces at its end. */
export function indent(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}`.trimEnd())
    .join('\n');
}

/** Labels are shorter, as a rule; those that are not push their own sentence aside. */
const LABEL_WIDTH = 12;

/** `label     sentence`, the sentence wrapped beside its label. */
export function labelled({ paint, width }: Style, label: string, text: string): string {
  const column = Math.max(LABEL_WIDTH, label.length + 2);
  const lines = wrap(text, width - column - 2);
  return lines
    .map(
      (line, index) =>
        `  ${index === 0 ? paint.dim(label.padEnd(column)) : ' '.repeat(column)}${line}`,
    )
    .join('\n');
}

/** `── title ──────`, as wide as the report: the head of what is about several variants. */
export function titleRule({ paint, width }: Style, title: string): string {
  return `── ${paint.bold(title)} ${paint.dim('─'.repeat(Math.max(0, width - title.length - 4)))}`;
}

/** A verdict with its sign, in its colour. */
export function paintVerdict(paint: Paint, verdict: Verdict): string {
  switch (verdict) {
    case 'pass':
      return paint.green('✔ pass');
    case 'fail':
      return paint.red('✘ fail');
    case 'inconclusive':
      return paint.yellow('? inconclusive');
  }
}
