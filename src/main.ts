#!/usr/bin/env node
/** The program: its commands, and what becomes of an error. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { formatMistake, UserError } from './base/errors.js';
import { bisectCommand } from './cli/bisect.js';
import { EXIT_BAD_INPUT, EXIT_BUG } from './cli/exit-code.js';
import { listCommand } from './cli/list.js';
import { proxyCommand } from './cli/proxy.js';
import { reportCommand } from './cli/report.js';
import { runCommand } from './cli/run.js';
import { validateCommand } from './cli/validate.js';
import { VERSION } from './cli/version.js';

function fail(error: unknown): void {
  if (error instanceof UserError) {
    for (const mistake of error.mistakes) process.stderr.write(`${formatMistake(mistake)}\n`);
    process.exitCode = EXIT_BAD_INPUT;
    return;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`This is a bug in grpc-squall ${VERSION}, please report it:\n${stack}\n`);
  process.exitCode = EXIT_BUG;
}

// `squall list | head`: whoever read our output has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? process.exitCode : EXIT_BUG);
});
// Thrown from a timer or an event, past everything that could take a run down in order. Backends end
// when this process does.
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

try {
  await yargs(hideBin(process.argv))
    .scriptName('squall')
    .usage('Load testing and chaos benchmarking for gRPC.\n\n$0 --scenario NAME')
    .command(runCommand)
    .command(bisectCommand)
    .command(reportCommand)
    .command(proxyCommand)
    .command(listCommand)
    .command(validateCommand)
    .strict()
    .version(VERSION)
    .alias('help', 'h')
    .wrap(100)
    .fail((message, error) => {
      throw error ?? new UserError({ message, hint: 'squall --help shows what there is' });
    })
    .parseAsync();
} catch (error) {
  fail(error);
}
