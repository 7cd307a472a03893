/** Finding scenarios: by name among those that come with grpc-squall, or by path. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, UserError } from '../base/errors.js';
import { didYouMean } from '../base/nearest.js';

const folder = fileURLToPath(new URL('../../../scenarios/', import.meta.url));
const ENDING = '.yaml';

export interface ScenarioFile {
  /** As shown in messages: relative to the working directory where that is shorter. */
  readonly file: string;
  readonly text: string;
}

/**
 * Names of the scenarios that come with grpc-squall, in alphabetical order. One in a subfolder has the folder's
 * in its own, `grpc-js/rapid-reset`; those of the folders follow the others.
 */
export function scenarioNames(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length).replaceAll('\\', '/'))
    .sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}

const depth = (name: string) => name.split('/').length;

/**
 * Reads a scenario.
 * @param nameOrFile `retry-storm`, or a path: anything else with a slash, or ending in .yaml or .yml.
 * @throws UserError when there is none; the nearest names are offered.
 */
export function readScenario(nameOrFile: string): ScenarioFile {
  const isKnown = scenarioNames().includes(nameOrFile);
  const isPath = !isKnown && /[\\/]|\.ya?ml$/.test(nameOrFile);
  if (!isPath && !isKnown) {
    throw new UserError({
      message: `there is no scenario "${nameOrFile}"`,
      hint: didYouMean(nameOrFile, scenarioNames()),
    });
  }
  const path = isPath ? nameOrFile : join(folder, `${nameOrFile}${ENDING}`);
  const near = relative(process.cwd(), path);
  const file = near.length < path.length ? near : path;
  try {
    return { file, text: readFileSync(path, 'utf8') };
  } catch (cause) {
    throw new UserError(
      { where: file, message: `the scenario cannot be read: ${messageOf(cause)}` },
      { cause },
    );
  }
}
