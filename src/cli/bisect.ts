/**
 * `squall bisect`: runs a scenario again and again with one setting moved, until it is known where a
 * check's verdict turns. "How long a pause does the service survive? How short a deadline?"
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { checkNames } from '../analysis/verdicts.js';
import { UserError } from '../base/errors.js';
import { filesBeside } from '../base/named-file.js';
import { didYouMean } from '../base/nearest.js';
import { parseShare } from '../base/units.js';
import { answerMistakes } from '../gates/answer-mistakes.js';
import { gateMistakes } from '../gates/gate-mistakes.js';
import { loadInterceptorModules } from '../interceptors/user-modules.js';
import { createResultsFolder, runId } from '../run/results-folder.js';
import { loadScenario } from '../scenarios/load-scenario.js';
import type { Plan } from '../scenarios/plan.js';
import { type Asked, bisectRuns } from './bisect/runs.js';
import { type Scale, scaleBetween } from './bisect/scale.js';
import { type Boundary, createSearch, type Point } from './bisect/search.js';
import { boundaryExitCode, renderPoints, tellBoundary } from './bisect/tell-boundary.js';
import { interceptorsOption } from './interceptors-option.js';
import { listenForInterrupt } from './interrupt.js';
import { readScenario } from './scenario-files.js';
import { parseSetting } from './setting.js';
import { wholeNumber } from './whole-number.js';

interface BisectArguments {
  readonly name: string;
  readonly over: string;
  readonly from: string;
  readonly to: string;
  readonly check: string | undefined;
  readonly variant: string | undefined;
  readonly runs: number;
  readonly within: string;
  readonly set: readonly string[];
  readonly quick: boolean;
  readonly seed: number | undefined;
  readonly workers: number | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
  readonly interceptors: readonly string[];
}

export const bisectCommand: CommandModule<object, BisectArguments> = {
  command: 'bisect <name>',
  describe: "Find the value of a setting at which a check's verdict turns",
  builder: (yargs) => options(yargs) as Argv<BisectArguments>,
  handler: async (given) => {
    process.exitCode = await bisect(given);
  },
};

function options(yargs: Argv<object>) {
  return yargs
    .positional('name', { type: 'string', describe: 'A scenario by name, or the path of a file' })
    .options({
      over: { type: 'string', demandOption: true, describe: 'The setting: a path as of --set' },
      from: { type: 'string', demandOption: true, describe: 'Its value at one end: 200ms' },
      to: { type: 'string', demandOption: true, describe: 'Its value at the other: 4s' },
      check: { type: 'string', describe: 'Kind or name of the check; needed if there are several' },
      variant: { type: 'string', describe: 'The variant that is run; needed if there are several' },
      runs: {
        type: 'number',
        default: 3,
        describe: 'Runs of each value, under seeds of their own',
      },
      within: { type: 'string', default: '10%', describe: 'How close the two sides have to be' },
      set: {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'Change another value, in all runs; repeatable',
      },
      quick: { type: 'boolean', default: false, describe: 'A few seconds a run, the same shape' },
      seed: { type: 'number', describe: 'Of the first run; the next ones follow it' },
      workers: { type: 'number', describe: 'Threads that drive the load' },
      out: { type: 'string', describe: 'Folder for the results (default results/<time>-…-bisect)' },
      json: { type: 'boolean', default: false, describe: 'Print bisect.json alone on stdout' },
      interceptors: interceptorsOption,
    })
    .example(
      '$0 bisect metastable-overload --variant retry --check metastability ' +
        '--over faults.proc-pause.for --from 50ms --to 2s',
      'how long a pause does it survive?',
    );
}

async function bisect(given: BisectArguments): Promise<number> {
  checkNumbers(given);
  const scale = scaleBetween(given.from, given.to);
  const within = parseShare(given.within);
  if (within === undefined || within >= 1) {
    const message = `expected a share below 100%, got "${given.within}"`;
    throw new UserError({ where: '--within', message, hint: 'for example 10%' });
  }
  const { file, text } = readScenario(given.name);
  const interceptors = await loadInterceptorModules(given.interceptors);
  const readFile = filesBeside(file);
  const planOf = (value: number, seed?: number): Plan => {
    const setting = `${given.over}=${scale.write(value)}`;
    return loadScenario(file, text, {
      quick: given.quick,
      settings: [...given.set, setting].map(parseSetting),
      ...(seed === undefined ? {} : { seed }),
      ...(given.workers === undefined ? {} : { workers: given.workers }),
      ...(given.variant === undefined ? {} : { variants: [given.variant] }),
      gateMistakes,
      answerMistakes,
      interceptors,
      readFile,
    });
  };
  // What is wrong with either end is told before anything runs.
  const first = planOf(scale.from, given.seed);
  planOf(scale.to);
  const check = checkOf(first, given.check);

  const startedAt = new Date();
  const id = `${runId(startedAt, first.scenario)}-bisect`;
  const folder = createResultsFolder(given.out ?? join('results', id), text, first);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const search = createSearch({ ...scale, runs: given.runs, within });
  const asked = await bisectRuns({
    search,
    planOf: (value, run) => planOf(value, first.seed + run),
    show: scale.show,
    check,
    scenarioText: text,
    folder: folder.path,
    interceptorModules: given.interceptors.map((path) => resolve(path)),
    readFile,
    interrupted: listenForInterrupt(say),
    say,
  });
  const boundary = search.boundary();
  const told = tellBoundary(boundary, scale, { title: given.over, check });
  const result = described(given, check, asked, boundary, scale);
  const json = `${JSON.stringify({ schema: 'squall/bisect@1', ...result, told }, null, 2)}\n`;
  writeFileSync(join(folder.path, 'bisect.json'), json);
  process.stdout.write(
    given.json
      ? json
      : `${renderPoints(search.points(), scale, given.over)}\n${told}\nResults are in ${folder.path}/\n`,
  );
  return boundaryExitCode(boundary);
}

/** With values as a scenario file has them: what is halved is of no use to who reads it. */
function described(
  { over, from, to, variant }: BisectArguments,
  check: string,
  asked: readonly Asked[],
  boundary: Boundary,
  { write }: Scale,
) {
  const written = <Item extends { readonly value: number }>({ value, ...rest }: Item) => ({
    value: write(value),
    ...rest,
  });
  return {
    over,
    from,
    to,
    ...(variant === undefined ? {} : { variant }),
    check,
    runs: asked.map(written),
    boundary: writtenBoundary(boundary, write, written),
  };
}

function writtenBoundary(
  boundary: Boundary,
  write: Scale['write'],
  written: (point: Point) => object,
): object {
  if (boundary.kind === 'open') {
    const { between, value, ...rest } = boundary;
    const sides = between && { ...between, near: write(between.near), far: write(between.far) };
    return { ...rest, value: write(value), ...(sides === undefined ? {} : { between: sides }) };
  }
  if (boundary.kind !== 'found') return boundary;
  const { until, since, mixed, ...rest } = boundary;
  return {
    ...rest,
    ...(until === undefined ? {} : { until: write(until) }),
    ...(since === undefined ? {} : { since: write(since) }),
    mixed: mixed.map(written),
  };
}

function checkNumbers({ runs, seed, workers }: BisectArguments): void {
  wholeNumber('--runs', runs, 1, 99);
  wholeNumber('--seed', seed, 0, 2 ** 32 - 1 - runs);
  wholeNumber('--workers', workers, 1, 256);
  if (runs % 2 === 1) return;
  const message = `expected an odd number, so that most runs agree, got ${runs}`;
  throw new UserError({ where: '--runs', message });
}

/** The one check that is looked at, by its name in the results. */
function checkOf({ variants }: Plan, wanted: string | undefined): string {
  const [variant] = variants;
  if (variant === undefined || variants.length > 1) {
    throw new UserError({
      where: '--variant',
      message: 'the scenario has several variants: one of them is run',
      hint: `one of: ${variants.map(({ name }) => name).join(', ')}`,
    });
  }
  const names = checkNames(variant.checks, variant.name);
  if (wanted === undefined && names.length === 1 && names[0] !== undefined) return names[0];
  const found = names.filter(
    (name, index) => name === wanted || variant.checks[index]?.kind === wanted,
  );
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const message =
    wanted === undefined
      ? `${variant.name} has ${names.length} checks: one of them is looked at`
      : found.length > 1
        ? `${variant.name} has several checks "${wanted}"`
        : `${variant.name} has no check "${wanted}"`;
  const hint =
    wanted === undefined || found.length > 1
      ? `one of: ${names.join(', ')}`
      : didYouMean(wanted, [...names, ...variant.checks.map(({ kind }) => kind)]);
  throw new UserError({ where: '--check', message, hint });
}
