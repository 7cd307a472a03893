/** The table of rows, for a terminal. */
import Table from 'cli-table3';
import { LEVEL } from './interval.js';
import { isGood, type Row, type Unit } from './row.js';

const DIGITS: Readonly<Record<Unit, number>> = { ms: 2, share: 4, ratio: 4, count: 2, octets: 0 };

function figure(value: number | undefined, unit: Unit): string {
  if (value === undefined) return '';
  const isWhole = (unit === 'count' || unit === 'octets') && Number.isInteger(value);
  return isWhole ? String(value) : value.toFixed(DIGITS[unit]);
}

/** One line a row; below it the notes, and the verdict of the whole. */
export function renderTable(rows: readonly Row[]): string {
  const table = new Table({
    head: ['truth', 'figure', 'driver', 'expected', 'measured', 'interval', 'same draws', ''],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'left'],
  });
  for (const row of rows) {
    const { truth, unit, interval, verdict } = row;
    const inUnit = (value: number | undefined) => figure(value, unit);
    table.push([
      truth,
      unit === 'ms' ? `${row.figure}, ms` : row.figure,
      row.subject,
      inUnit(row.expected),
      inUnit(row.measured),
      interval === undefined ? '' : `${inUnit(interval.low)} .. ${inUnit(interval.high)}`,
      inUnit(row.model),
      verdict,
    ]);
  }
  const notes = rows
    .filter(({ why }) => why !== undefined)
    .map(({ truth, subject, why }) => `${truth}, ${subject}: ${why}`);
  const again = rows
    .filter(({ tries = 1 }) => tries > 1)
    .map(
      ({ truth, subject, figure: name, tries }) => `${truth}, ${subject}, ${name}: try ${tries}`,
    );
  return `${[table.toString(), ...notes, ...again, conclusion(rows)].join('\n')}\n`;
}

function conclusion(rows: readonly Row[]): string {
  const judged = rows.filter(({ verdict }) => verdict !== 'not offered');
  const bad = judged.filter((row) => !isGood(row)).length;
  const level = `each at ${(LEVEL * 100).toFixed(2)} %`;
  return bad === 0
    ? `All ${judged.length} intervals cover, ${level}.`
    : `${bad} of ${judged.length} rows do not hold, ${level}.`;
}
