/**
 * A scenario file → a Plan, or every mistake that is in it.
 */
import { z } from 'zod';
import type { Catalogue } from '../base/catalogue.js';
import { type Mistake, UserError } from '../base/errors.js';
import { namingKnownKeys } from '../base/known-keys.js';
import { filesBeside, type ReadNamedFile, readingFiles } from '../base/named-file.js';
import type { AnyInterceptorKind } from '../interceptors/interceptor.js';
import { knowingKinds } from '../interceptors/known-kinds.js';
import { loadSchema } from '../workers/load-schema.js';
import { type PlanOptions, planVariant } from './make-plan.js';
import { mistakesOf } from './mistakes.js';
import { isPlainMap, type Layered, layer } from './overlay.js';
import type { PlacedMistake } from './placed-mistake.js';
import {
  type AnswerPlan,
  type GatePlan,
  type KnownVariants,
  PLAN_SCHEMA,
  type Plan,
  type VariantPlan,
} from './plan.js';
import { tlsMistakes } from './plan-tls.js';
import { type Scenario, scenarioSchema } from './scenario-schema.js';
import { parseSource, type Source } from './source.js';
import { layersOf, type NamedLayers, type Setting } from './variants.js';
import { writtenSetup } from './written-setup.js';

/** What is asked for besides what the file says. */
export interface LoadOptions {
  /** Shortens every phase so that a variant takes a few seconds, and lays `quick:` over the scenario. */
  readonly quick?: boolean;
  readonly settings?: readonly Setting[];
  /** Overrides the scenario's. */
  readonly seed?: number;
  readonly workers?: number;
  /** Interceptors that the scenario may name besides ours. */
  readonly interceptors?: Catalogue<AnyInterceptorKind>;
  /** Reads the files that the scenario names; beside the scenario when absent. */
  readonly readFile?: ReadNamedFile;
  /** Names of the variants to run; all when absent. */
  readonly variants?: readonly string[];
  /**
   * Judges a gate's expression against the variants. Gates are a later stage's language; handing its judge in
   * lets its mistakes be reported with all others.
   */
  gateMistakes?(gate: GatePlan, variants: KnownVariants): readonly Omit<Mistake, 'where'>[];
  /** The same of a sentence of the answer. */
  answerMistakes?(sentence: string, variants: KnownVariants): readonly Omit<Mistake, 'where'>[];
}

/** `--quick` also looks more often, so that a short run still has a course. */
const QUICK_INTERVAL_NS = 250e6;
/** All variants together take about this long under `--quick`, and none longer than the second. */
const QUICK_TOTAL_NS = 7.5e9;
const QUICK_VARIANT_NS_MAX = 4e9;

/**
 * @param file the file's name, for messages; files that it names are looked for beside it.
 * @throws UserError with all mistakes: of syntax, or else of everything beyond it.
 */
export function loadScenario(file: string, text: string, options: LoadOptions = {}): Plan {
  return readingFiles(options.readFile ?? filesBeside(file), () =>
    knowingKinds(options.interceptors ?? {}, () => planOf(file, text, options)),
  );
}

function planOf(file: string, text: string, options: LoadOptions): Plan {
  const source = parseSource(file, text);
  const { quick = false, settings = [] } = options;
  const layers = layersOf(source.data, source, { quick, settings });
  if ('mistakes' in layers) throw new UserError(layers.mistakes);

  const mistakes: Mistake[] = [];
  const base = baseOf(source, layers.variants);
  const names = layers.variants.map(({ name }) => name);
  const read = layers.variants.map(({ name, layered }) => {
    const result = readVariant(name, layered, {
      lengthNsMax: quick ? quickLengthNs(source.data, layers.variants.length) : undefined,
      workers: options.workers,
      variantNames: names,
    });
    mistakes.push(...result.mistakes);
    return result;
  });
  const scenario = read.find((variant) => variant.scenario !== undefined)?.scenario;
  const variants = read.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
  const gates = gatePlans(read[0]?.gates ?? [], base);
  const answer = answerPlans(read[0]?.answer ?? [], base);
  const known: KnownVariants = { names, planned: variants };
  mistakes.push(
    ...gates.flatMap((gate) => placed(gate.source, options.gateMistakes?.(gate, known))),
    ...answer.flatMap(({ sentence, source: place }) =>
      placed(place, options.answerMistakes?.(sentence, known)),
    ),
  );
  const chosen = chooseVariants(variants, layers.variants, options.variants, mistakes);
  if (mistakes.length > 0 || scenario === undefined) throw new UserError(inOrder(mistakes));
  return {
    schema: PLAN_SCHEMA,
    scenario: scenario.name,
    summary: scenario.summary,
    seed: options.seed ?? scenario.seed,
    quick,
    intervalNs: quick ? Math.min(scenario.interval, QUICK_INTERVAL_NS) : scenario.interval,
    workers: options.workers ?? scenario.workers,
    variants: chosen,
    gates,
    ...(answer.length === 0 ? {} : { answer }),
  };
}

/**
 * How long each of so many variants may take for the whole to be quick; undefined when the scenario
 * says itself what its short form is.
 */
function quickLengthNs(data: unknown, variants: number): number | undefined {
  const { quick: own } = isPlainMap(data) ? data : {};
  if (isPlainMap(own) && 'phases' in own) return undefined;
  return Math.min(QUICK_VARIANT_NS_MAX, QUICK_TOTAL_NS / variants);
}

interface ReadVariant {
  readonly scenario?: Scenario;
  readonly plan?: VariantPlan;
  /** As far as they can be read. */
  readonly gates: readonly string[];
  readonly answer: readonly string[];
  readonly mistakes: readonly Mistake[];
}

function readVariant(name: string, layered: Layered, options: PlanOptions): ReadVariant {
  const parsed = scenarioSchema.safeParse(layered.data, { error: namingKnownKeys });
  const place = ({ path, ...rest }: PlacedMistake) => ({ where: layered.locate(path), ...rest });
  if (!parsed.success) {
    const partly = parsePartly(layered.data);
    const beyond = partly === undefined ? [] : planVariant(name, partly, options).mistakes;
    return {
      gates: partly?.gates ?? [],
      answer: partly?.answer ?? [],
      mistakes: [...mistakesOf(parsed.error, layered), ...beyond.map(place)],
    };
  }
  const { plan, mistakes } = planVariant(name, parsed.data, options);
  const all = [...mistakes, ...tlsMistakes(parsed.data)];
  const { gates, answer } = parsed.data;
  const setup = writtenSetup(layered.data);
  const whole = plan && { ...plan, setup };
  return { scenario: parsed.data, gates, answer, plan: whole, mistakes: all.map(place) };
}

/** What stands in for a part that cannot be read, so that the others can be held against each other. */
const STAND_INS = {
  name: '-',
  summary: '-',
  load: [],
  faults: [],
  checks: [],
  gates: [],
  answer: [],
  client: {},
};

/**
 * The parts of a wrong scenario that are right in themselves: names that nobody defines are then told
 * together with the mistakes of the other parts. Undefined when those that define names are wrong.
 */
function parsePartly(data: unknown): Scenario | undefined {
  if (!isPlainMap(data)) return undefined;
  const { shape } = scenarioSchema;
  if (!shape.phases.safeParse(data['phases']).success) return undefined;
  if (!shape.targets.safeParse(data['targets']).success) return undefined;
  if (!shape.tiers.safeParse(data['tiers']).success) return undefined;
  if (!shape.chains.safeParse(data['chains']).success) return undefined;
  const right = Object.entries(shape)
    .filter(([key, schema]) => schema.safeParse(data[key]).success)
    .map(([key]) => [key, data[key]] as const)
    .filter(([, value]) => value !== undefined);
  const { load: loads, ...parts } = { ...STAND_INS, ...Object.fromEntries(right) };
  const parsed = scenarioSchema
    .extend({ load: z.array(loadSchema) })
    .safeParse({ ...parts, load: loads });
  return parsed.success ? parsed.data : undefined;
}

/** Gates belong to the scenario as a whole; every variant has the same. */
function baseOf(
  source: Source,
  variants: readonly NamedLayers[],
): Layered & Pick<Source, 'lineOf'> {
  const layered = variants[0]?.layered ?? layer(source.data, source);
  return { ...layered, lineOf: source.lineOf };
}

type Base = Layered & Pick<Source, 'lineOf'>;

function gatePlans(expressions: readonly string[], base: Base): GatePlan[] {
  return expressions.map((expression, index) => {
    return { expression, source: lineIn(base, ['gates', index]) };
  });
}

function answerPlans(sentences: readonly string[], base: Base): AnswerPlan[] {
  return sentences.map((sentence, index) => {
    return { sentence, source: lineIn(base, ['answer', index]) };
  });
}

function lineIn(base: Base, path: readonly (string | number)[]): GatePlan['source'] {
  const [file = ''] = base.locate(path).split(':');
  return { file, line: base.lineOf(path) };
}

function placed(
  { file, line }: GatePlan['source'],
  mistakes: readonly Omit<Mistake, 'where'>[] = [],
): Mistake[] {
  return mistakes.map((mistake) => ({ where: `${file}:${line}`, ...mistake }));
}

function chooseVariants(
  variants: readonly VariantPlan[],
  all: readonly NamedLayers[],
  wanted: readonly string[] | undefined,
  mistakes: Mistake[],
): readonly VariantPlan[] {
  if (wanted === undefined) return variants;
  const names = all.map(({ name }) => name);
  for (const name of wanted) {
    if (!names.includes(name)) {
      mistakes.push({
        where: `--variant ${name}`,
        message: 'the scenario has no such variant',
        hint: `one of: ${names.join(', ')}`,
      });
    }
  }
  return variants.filter(({ name }) => wanted.includes(name));
}

/** Variants share their base, so a mistake there is found once for each. In the order of the file. */
export function inOrder(mistakes: readonly Mistake[]): Mistake[] {
  const byText = new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake]));
  return [...byText.values()].sort((a, b) => placeOf(a) - placeOf(b));
}

/** One number for line and column; 0 for what does not stand in the file. */
function placeOf({ where = '' }: Mistake): number {
  const [, line = 0, column = 0] = /:(\d+)(?::(\d+))?$/.exec(where) ?? [];
  return Number(line) * 1e4 + Number(column);
}
