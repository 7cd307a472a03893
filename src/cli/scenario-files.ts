/** Finding scenarios: by name among those that come with grpc-squall, or by path. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
 * @param nameOrFile `retry-storm`, `grpc-js/rapid-reset`, or a path.
 * @throws UserError when there is none; the nearest names are offered where it may have been meant as one.
 */
export function readScenario(nameOrFile: string): ScenarioFile {
  const isKnown = scenarioNames().includes(nameOrFile);
  if (!isKnown && !isPath(nameOrFile)) {
    const orFile = nameOrFile.includes('/') ? ', and no such file' : '';
    throw new UserError({
      message: `there is no scenario "${nameOrFile}"${orFile}`,
      hint: didYouMean(nameOrFile, scenarioNames()),
    });
  }
  const path = isKnown ? join(folder, `${nameOrFile}${ENDING}`) : nameOrFile;
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

/**
 * Whether a word that is no scenario's name is meant as a path: what no name looks like (`./mine`, `/tmp/mine`,
 * `mine.yaml`), and anything else with a slash if there is such a file. Names have slashes, too.
 */
function isPath(word: string): boolean {
  return /^\.{0,2}\/|\\|\.ya?ml$/.test(word) || (word.includes('/') && existsSync(word));
}
