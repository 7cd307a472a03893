/** The options of a benchmark, as node:util reads them; a wrong one ends it with a line and exit code 2. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export function benchOptions<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
    const names = Object.keys(config.options ?? {}).map((name) => `--${name}`);
    process.stderr.write(
      `${message}\nOptions: ${names.join(' ')}; docs/benchmarks.md explains them.\n`,
    );
    process.exit(2);
  }
}
