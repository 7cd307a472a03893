/** The runs of a bisection, one after another, until the search has what it wants or is interrupted. */
import { join } from 'node:path';
import { messageOf, UserError } from '../../base/errors.js';
import type { ReadNamedFile } from '../../base/named-file.js';
import type { CheckResult, Summary } from '../../metrics/summary.js';
import { createResultsFolder } from '../../run/results-folder.js';
import type { Plan } from '../../scenarios/plan.js';
import { createLiveView } from '../live-view.js';
import { measure } from '../measure.js';
import type { Answer, Search } from './search.js';

/** One run that was made. */
export interface Asked {
  readonly value: number;
  readonly seed: number;
  readonly answer: Answer;
  /** The check's own sentence, or why the run does not count. */
  readonly why: string;
  readonly folder: string;
}

export interface BisectRuns {
  readonly search: Search;
  /** The plan of a value's run, numbered from 0. */
  planOf(value: number, run: number): Plan;
  show(value: number): string;
  /** Name of the check in the results. */
  readonly check: string;
  readonly scenarioText: string;
  /** Each run gets a folder in it. */
  readonly folder: string;
  /** Paths of the user's own interceptors. */
  readonly interceptorModules: readonly string[];
  readonly readFile: ReadNamedFile;
  readonly interrupted: AbortSignal;
  say(line: string): void;
}

/** Makes the runs that the search asks for. @returns all that were made. */
export async function bisectRuns(wanted: BisectRuns): Promise<readonly Asked[]> {
  const { search, show, say, interrupted } = wanted;
  const asked: Asked[] = [];
  for (let trial = search.next(); trial !== undefined; trial = search.next()) {
    const { value, run } = trial;
    const number = asked.length + 1;
    const summary = await oneRun(wanted, wanted.planOf(value, run), number);
    if (interrupted.aborted) break;
    const { answer, why } = answerOf(summary.result, wanted.check);
    asked.push({ value, seed: summary.seed, answer, why, folder: summary.folder });
    say(`${String(number).padStart(3)}  ${show(value)}, seed ${summary.seed}: ${answer}: ${why}`);
    search.answered(answer);
  }
  return asked;
}

async function oneRun(
  { scenarioText, folder: parent, interceptorModules, readFile, interrupted }: BisectRuns,
  plan: Plan,
  number: number,
) {
  const id = `run-${String(number).padStart(2, '0')}`;
  const folder = createResultsFolder(join(parent, id), scenarioText, plan);
  const live = createLiveView(plan, process.stderr, true);
  const startedAt = new Date();
  const files = { folder, interceptorModules, readFile };
  const result = await measure({ plan, id, startedAt, ...files, live, interrupted }).catch(
    (cause: unknown) => {
      if (cause instanceof UserError) throw cause;
      return messageOf(cause);
    },
  );
  return { seed: plan.seed, folder: id, result };
}

/** What a run says of the check; a run that cannot be trusted says nothing. */
export function answerOf(
  summary: Summary | string,
  check: string,
): { answer: Answer; why: string } {
  if (typeof summary === 'string') return { answer: 'open', why: summary };
  const [variant] = summary.variants;
  const result = variant?.checks.find(({ name }) => name === check);
  if (result === undefined) return { answer: 'open', why: 'the check was not judged' };
  const invalid = whyInvalid(summary);
  if (invalid !== undefined) return { answer: 'open', why: invalid };
  return { answer: answerTo(result), why: result.why };
}

const answerTo = ({ verdict }: CheckResult): Answer =>
  verdict === 'inconclusive' ? 'open' : verdict;

/** Other checks and gates may say what they like: only what spoils the run as a whole counts. */
function whyInvalid({ variants, generator }: Summary): string | undefined {
  const [variant] = variants;
  if (variant !== undefined && !variant.complete) return variant.reason ?? 'it was cut short';
  return [...(generator.contradictions ?? []), ...generator.reasons][0];
}
