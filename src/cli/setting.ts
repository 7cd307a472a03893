/** `--set path=value`: one value of a scenario, changed from the command line. */
import { parse } from 'yaml';
import { messageOf, UserError } from '../base/errors.js';
import type { Setting } from '../scenarios/variants.js';

/**
 * @param option `targets.capacity.slots=8`, `load.0.arrivals.poisson=50/s`; the value is YAML.
 * @throws UserError when it has no `=`, no path, or a value that is no YAML.
 */
export function parseSetting(option: string): Setting {
  const where = `--set ${option}`;
  const split = option.indexOf('=');
  if (split < 1) {
    throw new UserError({
      where,
      message: 'expected path=value',
      hint: 'for example --set targets.capacity.slots=8',
    });
  }
  try {
    const path = option.slice(0, split).split('.');
    return { path, value: parse(option.slice(split + 1)) as unknown, option: where };
  } catch (cause) {
    throw new UserError({ where, message: `the value is no YAML: ${messageOf(cause)}` }, { cause });
  }
}
