/**
 * The folder of one run, `results/<time>-<scenario>/`, and the files that are written into it.
 */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, UserError } from '../base/errors.js';

/** Names of the files of a run. */
export const RESULT_FILES = {
  scenario: 'scenario.yaml',
  plan: 'plan.json',
  record: 'record.ndjson',
  intervals: 'latency.hlog',
  summary: 'summary.json',
  calls: 'calls.ndjson',
} as const;

export interface ResultsFolder {
  readonly path: string;
  /** Path of one of its files. */
  file(name: keyof typeof RESULT_FILES): string;
}

/** `20261122T101500Z-retry-storm` */
export function runId(startedAt: Date, scenario: string): string {
  const stamp = startedAt.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${stamp}-${scenario}`;
}

/**
 * Creates the folder, with the scenario and the plan in it.
 * @throws UserError when it cannot be written to.
 */
export function createResultsFolder(
  path: string,
  scenarioText: string,
  plan: object,
): ResultsFolder {
  const folder: ResultsFolder = { path, file: (name) => join(path, RESULT_FILES[name]) };
  try {
    makeFolder(path);
    writeFileSync(folder.file('scenario'), scenarioText);
    writeFileSync(folder.file('plan'), `${JSON.stringify(plan, null, 2)}\n`);
  } catch (cause) {
    throw new UserError(
      {
        where: '--out',
        message: `cannot write results to ${path}: ${messageOf(cause)}`,
        hint: 'choose a folder that you can write to with --out',
      },
      { cause },
    );
  }
  return folder;
}

/**
 * Makes a folder and its parents. Node's own `recursive` tries for ever where a parent exists and
 * still nothing can be made in it (below /proc: node 20.20).
 */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error('it is a file, not a folder');
    return;
  }
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path);
}
