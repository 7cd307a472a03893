/**
 * From a gate's text to a gate, or to every mistake in it.
 *
 *     gate       = measure [ selectors ] comparison threshold
 *     measure    = "p" "(" number ")"                      percentile, above 0 and up to 100
 *                | "avg" | "min" | "med" | "max"
 *                | ( "rate" | "count" ) "(" sort ")"       of calls: see CALL_SORTS in gate.ts
 *                | "goodput" | "throughput"
 *                | "amplification"
 *     sort       = "offered" | "started" | "completed" | "ok" | "good" | "errors" | "missed"
 *                | "abandoned" | "queued" | status code name
 *     selectors  = "{" selector { "," selector } "}"
 *     selector   = ( "phase" | "variant" | "load" | "metric" ) ":" name
 *     name       = letters, digits and any of _ . - / #, or anything between double quotes
 *     comparison = "<" | "<=" | ">" | ">=" | "==" | "!="
 *     threshold  = duration                                for p, avg, min, med and max: 50ms
 *                | share                                   for rate: 1%
 *                | rate                                    for goodput and throughput: 300/s
 *                | number                                  for count and amplification: 2
 *
 * Examples: `p(99){phase:baseline} < 50ms`, `rate(missed) <= 0.1%`, `goodput{phase:recovery} >=
 * 300/s`.
 */
import { didYouMean } from '../base/nearest.js';
import { parseDurationNs, parseRatePerSecond, parseShare } from '../base/units.js';
import {
  CALL_SORT_NAMES,
  type CallSort,
  COMPARISONS,
  type Comparison,
  type Gate,
  type GateUnit,
  METRICS,
  type Measure,
  type Metric,
  type Quantity,
  unitOf,
} from './gate.js';
import { GateCursor, type GateMistake, LostTrack, type Word } from './gate-cursor.js';

export type { GateMistake } from './gate-cursor.js';

export type ParsedGate = { readonly gate: Gate } | { readonly mistakes: readonly GateMistake[] };

const MEASURES = [
  'p',
  'avg',
  'min',
  'med',
  'max',
  'rate',
  'count',
  'goodput',
  'throughput',
  'amplification',
];
const SELECTORS = ['phase', 'variant', 'load', 'metric'];
const EXAMPLE = 'for example p(99){phase:baseline} < 50ms';

const WORD = /[A-Za-z_][\w-]*/;
const NUMBER = /-?\d+(?:\.\d+)?/;
const NAME = /"[^"]*"|[\w./#-]+/;
const THRESHOLD = /[^\s]+/;

/** Reads a gate. Mistakes are in the order of their columns. */
export function parseGate(text: string): ParsedGate {
  const cursor = new GateCursor(text);
  const gate = readGate(cursor);
  if (gate !== undefined && cursor.mistakes.length === 0) return { gate };
  return { mistakes: [...cursor.mistakes].sort((a, b) => a.column - b.column) };
}

/** Reads what a gate measures, without a comparison: `p(99){phase:baseline}`. */
export function parseQuantity(
  text: string,
): { readonly quantity: Quantity } | { readonly mistakes: readonly GateMistake[] } {
  const cursor = new GateCursor(text);
  const quantity = readQuantity(cursor);
  if (quantity !== undefined && cursor.mistakes.length === 0) return { quantity };
  return { mistakes: [...cursor.mistakes].sort((a, b) => a.column - b.column) };
}

function readQuantity(cursor: GateCursor): Quantity | undefined {
  try {
    const measure = readMeasure(cursor);
    const selectors = readSelectors(cursor, measure);
    const rest = cursor.takeWord(/.+/);
    if (rest.text !== '') {
      cursor.note(rest.column, `did not expect "${rest.text}"`, 'here it is a measure alone');
    }
    return measure && { measure, metric: 'latency', ...selectors };
  } catch (error) {
    if (error instanceof LostTrack) return undefined;
    throw error;
  }
}

/** @returns undefined when there are mistakes; they are with the cursor. */
function readGate(cursor: GateCursor): Gate | undefined {
  try {
    const measure = readMeasure(cursor);
    const selectors = readSelectors(cursor, measure);
    const comparison = readComparison(cursor);
    const threshold = readThreshold(cursor, measure);
    if (measure === undefined || threshold === undefined) return undefined;
    return { measure, metric: 'latency', ...selectors, comparison, threshold };
  } catch (error) {
    if (error instanceof LostTrack) return undefined;
    throw error;
  }
}

/** @returns undefined for a measure that does not exist, after which the rest can still be read. */
function readMeasure(cursor: GateCursor): Measure | undefined {
  const word = cursor.takeWord(WORD);
  switch (word.text) {
    case 'p':
      return { kind: 'percentile', percent: readPercent(cursor) };
    case 'avg':
    case 'min':
    case 'med':
    case 'max':
    case 'goodput':
    case 'throughput':
    case 'amplification':
      return { kind: word.text };
    case 'rate':
    case 'count':
      return { kind: word.text, of: readCallSort(cursor, word.text) };
    case '':
      return cursor.lose(
        cursor.column,
        `expected a measure, got ${cursor.describeNext()}`,
        EXAMPLE,
      );
    default:
      cursor.note(
        word.column,
        `there is no measure "${word.text}"`,
        didYouMean(word.text, MEASURES),
      );
      // Its argument, if it has one, is passed over.
      if (cursor.take('(')) {
        cursor.takeWord(/[^)]*/);
        expectClosing(cursor);
      }
      return undefined;
  }
}

function readPercent(cursor: GateCursor): number {
  expectOpening(cursor, 'p', 'p(99)');
  const number = cursor.takeWord(NUMBER);
  const percent = Number(number.text);
  if (number.text === '') {
    cursor.lose(cursor.column, `expected a percentile, got ${cursor.describeNext()}`, 'p(99)');
  }
  if (!(percent > 0 && percent <= 100)) {
    const hint = 'above 0 and up to 100, for example p(99.9)';
    cursor.note(number.column, `there is no percentile ${number.text}`, hint);
  }
  expectClosing(cursor);
  return percent;
}

function readCallSort(cursor: GateCursor, measure: string): CallSort {
  expectOpening(cursor, measure, `${measure}(errors)`);
  const word = cursor.takeWord(WORD);
  if (word.text === '') {
    const hint = `one of: ${CALL_SORT_NAMES.join(', ')}`;
    cursor.lose(cursor.column, `expected a sort of calls, got ${cursor.describeNext()}`, hint);
  }
  if (!CALL_SORT_NAMES.includes(word.text)) {
    const hint = didYouMean(word.text, CALL_SORT_NAMES);
    cursor.note(word.column, `there is no sort of calls "${word.text}"`, hint);
  }
  expectClosing(cursor);
  return word.text as CallSort;
}

type Selectors = Partial<Pick<Gate, 'phase' | 'variant' | 'load' | 'metric'>>;

function readSelectors(cursor: GateCursor, measure: Measure | undefined): Selectors {
  if (!cursor.take('{')) return {};
  const found: Record<string, string> = {};
  do {
    const key = cursor.takeWord(WORD);
    if (key.text === '') {
      const hint = `one of: ${SELECTORS.join(', ')}`;
      cursor.lose(cursor.column, `expected a selector, got ${cursor.describeNext()}`, hint);
    }
    if (!cursor.take(':')) {
      const hint = `${key.text}:NAME`;
      cursor.lose(cursor.column, `expected ":", got ${cursor.describeNext()}`, hint);
    }
    const value = cursor.takeWord(NAME);
    if (value.text === '') {
      const hint = 'a name; in double quotes if it has spaces';
      cursor.lose(cursor.column, `expected a name, got ${cursor.describeNext()}`, hint);
    }
    const name = value.text.replace(/^"(.*)"$/, '$1');
    checkSelector(cursor, measure, key, { text: name, column: value.column }, found);
    found[key.text] = name;
  } while (cursor.take(','));
  if (!cursor.take('}')) {
    cursor.lose(cursor.column, `expected "," or "}", got ${cursor.describeNext()}`, EXAMPLE);
  }
  return found as Selectors;
}

function checkSelector(
  cursor: GateCursor,
  measure: Measure | undefined,
  key: Word,
  value: Word,
  found: Readonly<Record<string, string>>,
): void {
  if (!SELECTORS.includes(key.text)) {
    const hint = didYouMean(key.text, SELECTORS);
    cursor.note(key.column, `there is no selector "${key.text}"`, hint);
    return;
  }
  if (found[key.text] !== undefined) {
    cursor.note(key.column, `"${key.text}" is selected twice`, 'leave one of them out');
  }
  if (key.text === 'load' && measure?.kind === 'amplification') {
    const message = 'attempts are counted over all loads together';
    cursor.note(key.column, message, 'leave "load" out');
  }
  if (key.text !== 'metric') return;
  if (measure !== undefined && unitOf(measure) !== 'ms') {
    const hint = '"metric" goes with p, avg, min, med and max';
    cursor.note(key.column, `${measure.kind} has no metric to choose`, hint);
  }
  if (!METRICS.includes(value.text as Metric)) {
    const hint = didYouMean(value.text, METRICS);
    cursor.note(value.column, `there is no metric "${value.text}"`, hint);
  }
}

function readComparison(cursor: GateCursor): Comparison {
  const found = COMPARISONS.find((comparison) => cursor.take(comparison));
  if (found !== undefined) return found;
  const hint = `one of: ${COMPARISONS.join(' ')}`;
  return cursor.lose(cursor.column, `expected a comparison, got ${cursor.describeNext()}`, hint);
}

interface ThresholdKind {
  readonly what: string;
  readonly example: string;
  /** The number in the measure's unit; undefined when the text is none. */
  readonly parse: (text: string) => number | undefined;
}

const THRESHOLDS: Readonly<Record<GateUnit, ThresholdKind>> = {
  ms: {
    what: 'a duration',
    example: '50ms',
    parse: (text) => {
      const ns = parseDurationNs(text);
      return ns === undefined ? undefined : ns / 1e6;
    },
  },
  share: { what: 'a share', example: '1%', parse: parseShare },
  '/s': { what: 'a rate', example: '300/s', parse: parseRatePerSecond },
  count: { what: 'a number', example: '0', parse: parsePlain },
  'attempts/call': { what: 'a number', example: '2', parse: parsePlain },
};

function parsePlain(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function readThreshold(cursor: GateCursor, measure: Measure | undefined): number | undefined {
  const word = cursor.takeWord(THRESHOLD);
  if (word.text === '') {
    const example = measure === undefined ? '50ms' : THRESHOLDS[unitOf(measure)].example;
    return cursor.lose(
      cursor.column,
      'expected a threshold, got the end',
      `for example ${example}`,
    );
  }
  const rest = cursor.takeWord(/.+/);
  if (rest.text !== '') {
    const hint = 'a gate is one comparison, its unit written without a space';
    cursor.note(rest.column, `did not expect "${rest.text}" after the threshold`, hint);
  }
  if (measure === undefined) return undefined;
  const { what, example, parse } = THRESHOLDS[unitOf(measure)];
  const threshold = parse(word.text);
  if (threshold === undefined) {
    const message = `${nameOf(measure)} is compared with ${what}, got "${word.text}"`;
    cursor.note(word.column, message, `for example ${example}`);
  }
  return threshold;
}

function nameOf(measure: Measure): string {
  return measure.kind === 'percentile' ? `p(${measure.percent})` : measure.kind;
}

function expectOpening(cursor: GateCursor, after: string, hint: string): void {
  if (cursor.take('(')) return;
  const message = `expected "(" after ${after}, got ${cursor.describeNext()}`;
  cursor.lose(cursor.column, message, `for example ${hint}`);
}

function expectClosing(cursor: GateCursor): void {
  if (cursor.take(')')) return;
  cursor.lose(cursor.column, `expected ")", got ${cursor.describeNext()}`, 'close the parenthesis');
}
