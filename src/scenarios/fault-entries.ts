/**
 * Faults for a proxy alone, written as in a scenario: a file of them, or one by itself. What comes out
 * waits for no phase: its times count from the moment at which it is put on a proxy.
 */
import { chosenFrom, entryOf } from '../base/catalogue.js';
import { type Mistake, UserError } from '../base/errors.js';
import { namingKnownKeys } from '../base/known-keys.js';
import { didYouMean } from '../base/nearest.js';
import { kindOf } from '../base/units.js';
import { type CallFaultEnvelope, callFaultEnvelope, type FaultKind } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { FaultEntry } from '../proxy/control/fault-entry.js';
import { proxyFaults, SCENARIO_KEYS } from '../proxy/control/fault-kinds.js';
import { idleLimit } from './fault-conflicts.js';
import { inOrder } from './load-scenario.js';
import { mistakesOf, valueAt } from './mistakes.js';
import { isPlainMap, layer } from './overlay.js';
import { type Path, parseSource, type Source } from './source.js';

const entrySchema = chosenFrom('a fault', proxyFaults);
const ENVELOPE_KEYS: ReadonlySet<string> = new Set(Object.keys(callFaultEnvelope));
const EXAMPLE = 'for example { rpc-abort: { code: UNAVAILABLE, share: 50% } }';

/**
 * Reads a file of faults: `faults: [ … ]`.
 * @param file its name, for messages.
 * @throws UserError with all mistakes, by file, line and column.
 */
export function readFaultFile(file: string, text: string): FaultEntry[] {
  const source = parse(file, text);
  const { data } = source;
  if (!isPlainMap(data)) {
    throw new UserError({
      where: source.locate([]),
      message: `expected a map with faults, got ${kindOf(data)}`,
      hint: `faults: [${EXAMPLE.replace('for example ', '')}]`,
    });
  }
  const foreign = Object.keys(data).filter((key) => key !== 'faults');
  const mistakes: Mistake[] = foreign.map((key) => ({
    where: source.locate([key], true),
    message: `unknown key "${key}"`,
    hint: didYouMean(key, ['faults']),
  }));
  const list = data['faults'];
  if (!Array.isArray(list)) {
    const got = list === undefined ? 'faults is missing' : `faults: expected a list, got`;
    const message = list === undefined ? got : `${got} ${kindOf(list)}`;
    mistakes.push({ where: source.locate(['faults']), message });
    throw new UserError(mistakes);
  }
  const read = list.map((_, index) => readEntry(source, ['faults', index]));
  mistakes.push(...read.flatMap((one) => ('mistakes' in one ? one.mistakes : [])));
  if (mistakes.length > 0) throw new UserError(inOrder(mistakes));
  return read.flatMap((one) => ('mistakes' in one ? [] : [one]));
}

/**
 * Reads one fault, in YAML or JSON.
 * @throws UserError with all mistakes; places are those in the text, as `fault:line:column`.
 */
export function readFault(text: string): FaultEntry {
  if ((text.match(NESTING)?.length ?? 0) > NESTING_MAX) throw tooDeep();
  const read = readEntry(parse('fault', text), []);
  if ('mistakes' in read) throw new UserError(inOrder(read.mistakes));
  return read;
}

/**
 * What can begin a value inside a value. A parser that runs out of stack on text from anybody may take the
 * process with it: V8 aborts when it has no stack left to compile a regular expression on.
 */
const NESTING = /[[{]|[-?][ \t]/g;
/** No fault has a tenth of it. */
const NESTING_MAX = 200;

function tooDeep(options?: ErrorOptions): UserError {
  const message = 'this cannot be read: it is nested too deep, or refers to itself too often';
  return new UserError({ where: 'fault', message }, options);
}

function parse(file: string, text: string): Source {
  try {
    return parseSource(file, text);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    // The parser gives up on references that would multiply.
    throw tooDeep({ cause });
  }
}

function readEntry(source: Source, path: Path): FaultEntry | { readonly mistakes: Mistake[] } {
  const data = valueAt(source.data, path);
  const wrong = wrongKind(data);
  if (wrong !== undefined) {
    const { key, ...rest } = wrong;
    const where = key === undefined ? source.locate(path) : source.locate([...path, key], true);
    return { mistakes: [{ where, ...rest }] };
  }
  const placed = layer(data, source, path);
  const parsed = entrySchema.safeParse(data, { error: namingKnownKeys });
  if (!parsed.success) return { mistakes: mistakesOf(parsed.error, placed) };
  const { kind } = parsed.data;
  const options = parsed.data.options as CallFaultEnvelope;
  const mistakes = SCENARIO_KEYS.filter((key) => key in options).map((key) => ({
    where: placed.locate([kind, key], true),
    message: `"${key}" is a word of scenarios: a proxy alone has none`,
    hint: 'leave it out',
  }));
  const { at = 0, for: forNs = Number.POSITIVE_INFINITY } = options;
  const entry = { kind, written: data, atNs: at, forNs, deed: deedOf(kind, options) };
  const window = { id: kind, phase: '', fromNs: 0, toNs: forNs, ...entry.deed };
  mistakes.push(
    ...idleLimit(window, [kind]).map(({ path: inner, hint = '', ...rest }) => ({
      where: placed.locate(inner),
      ...rest,
      hint,
    })),
  );
  return mistakes.length > 0 ? { mistakes } : entry;
}

/** What is no fault, or none that a proxy can carry out. */
function wrongKind(data: unknown): (Mistake & { readonly key?: string }) | undefined {
  const keys = isPlainMap(data) ? Object.keys(data) : [];
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    const got = keys.length > 1 ? keys.join(' and ') : kindOf(data);
    return { message: `expected one fault, got ${got}`, hint: EXAMPLE };
  }
  if (Object.hasOwn(proxyFaults, key)) return undefined;
  const kinds = Object.keys(proxyFaults);
  if (!Object.hasOwn(faults, key)) {
    return { key, message: `there is no fault "${key}"`, hint: didYouMean(key, kinds) };
  }
  const { layers } = entryOf<FaultKind>(faults, key);
  const where = layers.includes('process') ? "on a server's process" : 'inside a server';
  const hint = `those that can: ${kinds.join(', ')}`;
  return { key, message: `${key} acts ${where}: no proxy can carry it out`, hint };
}

function deedOf(kind: string, options: CallFaultEnvelope): FaultEntry['deed'] {
  const { share, methods, metadata, count, maxActive } = options;
  const own = Object.entries(options).filter(([key]) => !ENVELOPE_KEYS.has(key));
  const isOnCalls = entryOf<FaultKind>(proxyFaults, kind).acts === 'call';
  return {
    kind,
    ...(share !== undefined ? { share } : isOnCalls && { share: 1 }),
    ...(methods !== undefined && { methods }),
    ...(metadata !== undefined && { metadata }),
    ...(count !== undefined && { count }),
    ...(maxActive !== undefined && { maxActive }),
    options: Object.fromEntries(own),
  };
}
