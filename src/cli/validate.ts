/** `squall validate`: every mistake of scenario files, without running anything. */
import type { CommandModule } from 'yargs';
import { UserError } from '../base/errors.js';
import { answerMistakes } from '../gates/answer-mistakes.js';
import { gateMistakes } from '../gates/gate-mistakes.js';
import { loadInterceptorModules } from '../interceptors/user-modules.js';
import { loadScenario } from '../scenarios/load-scenario.js';
import { interceptorsOption } from './interceptors-option.js';
import { readScenario } from './scenario-files.js';

export const validateCommand: CommandModule<
  object,
  { files: readonly string[]; interceptors: readonly string[] }
> = {
  command: 'validate <files..>',
  describe: 'Check scenario files',
  builder: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Scenarios by name, or paths of scenario files',
      })
      .option('interceptors', interceptorsOption),
  handler: async ({ files, interceptors: modules }) => {
    const interceptors = await loadInterceptorModules(modules);
    const mistakes = files.flatMap((name) => {
      try {
        const { file, text } = readScenario(name);
        const plan = loadScenario(file, text, { gateMistakes, answerMistakes, interceptors });
        const variants = plan.variants.map((variant) => variant.name).join(', ');
        process.stdout.write(`${file}: ok (variants: ${variants})\n`);
        return [];
      } catch (error) {
        if (error instanceof UserError) return error.mistakes;
        throw error;
      }
    });
    if (mistakes.length > 0) throw new UserError(mistakes);
  },
};
