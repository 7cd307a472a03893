/** `squall run`: a scenario, from its file to the exit code. */
import { join, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { UserError } from '../base/errors.js';
import { filesBeside } from '../base/named-file.js';
import { answerMistakes } from '../gates/answer-mistakes.js';
import { gateMistakes } from '../gates/gate-mistakes.js';
import { loadInterceptorModules } from '../interceptors/user-modules.js';
import { createResultsFolder, runId } from '../run/results-folder.js';
import { loadScenario } from '../scenarios/load-scenario.js';
import { interceptorsOption } from './interceptors-option.js';
import { listenForInterrupt } from './interrupt.js';
import { createLiveView } from './live-view.js';
import { measure } from './measure.js';
import { printReport } from './print-report.js';
import { readScenario } from './scenario-files.js';
import { parseSetting } from './setting.js';
import { wholeNumber } from './whole-number.js';

interface RunArguments {
  readonly name: string | undefined;
  readonly scenario: string | undefined;
  readonly variant: readonly string[] | undefined;
  readonly set: readonly string[];
  readonly quick: boolean;
  readonly seed: number | undefined;
  readonly workers: number | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
  readonly interceptors: readonly string[];
}

export const runCommand: CommandModule<object, RunArguments> = {
  command: ['run [name]', '$0'],
  describe: 'Run a scenario and judge it',
  builder: (yargs) => options(yargs) as Argv<RunArguments>,
  handler: async (given) => {
    process.exitCode = await runScenario(given);
  },
};

function options(yargs: Argv<object>) {
  return yargs
    .positional('name', {
      type: 'string',
      describe: 'A scenario by name (see "squall list"), or the path of a scenario file',
    })
    .options({
      scenario: { type: 'string', describe: 'The same, as an option' },
      variant: { type: 'string', array: true, describe: 'Run only this variant; repeatable' },
      set: {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'Change a value: targets.capacity.slots=8; repeatable',
      },
      quick: { type: 'boolean', default: false, describe: 'A few seconds, the same shape' },
      seed: { type: 'number', describe: "Instead of the scenario's seed" },
      workers: { type: 'number', describe: 'Threads that drive the load' },
      out: { type: 'string', describe: 'Folder for the results (default results/<run>)' },
      json: { type: 'boolean', default: false, describe: 'Print summary.json alone on stdout' },
      interceptors: interceptorsOption,
    })
    .example('$0 --scenario retry-storm', 'what do retries cost when half of the replies fail?')
    .example('$0 run retry-storm --quick --variant retry', 'one variant, a few seconds');
}

async function runScenario(given: RunArguments): Promise<number> {
  const name = given.name ?? given.scenario;
  if (name === undefined) {
    throw new UserError({
      message: 'no scenario was named',
      hint: 'add --scenario NAME; "squall list" shows what there is',
    });
  }
  const { file, text } = readScenario(name);
  const interceptorModules = given.interceptors.map((path) => resolve(path));
  const interceptors = await loadInterceptorModules(given.interceptors);
  // One reader for both: what the run reads is what was checked.
  const readFile = filesBeside(file);
  const plan = loadScenario(file, text, { ...loadOptions(given), interceptors, readFile });
  const startedAt = new Date();
  const id = runId(startedAt, plan.scenario);
  const folder = createResultsFolder(given.out ?? join('results', id), text, plan);
  const live = createLiveView(plan, process.stderr, false);
  const interrupted = listenForInterrupt((line) => live.say(line));
  const summary = await measure({
    plan,
    id,
    startedAt,
    folder,
    live,
    interrupted,
    interceptorModules,
    readFile,
  });
  printReport(summary, given.json);
  if (!given.json) process.stdout.write(`\nResults are in ${folder.path}/\n`);
  return summary.outcome.exitCode;
}

function loadOptions({ quick, set, seed, workers, variant }: RunArguments) {
  wholeNumber('--seed', seed, 0, 2 ** 32 - 1);
  wholeNumber('--workers', workers, 1, 256);
  return {
    quick,
    settings: set.map(parseSetting),
    ...(seed === undefined ? {} : { seed }),
    ...(workers === undefined ? {} : { workers }),
    ...(variant === undefined ? {} : { variants: variant }),
    gateMistakes,
    answerMistakes,
  };
}
