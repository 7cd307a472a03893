/**
 * One run, measured: comes in a plan and a folder, goes out its summary, judged, with everything that was
 * measured in the folder. For the commands that make runs.
 */
import { createAnalysis } from '../analysis/analysis.js';
import type { ReadNamedFile } from '../base/named-file.js';
import { answerOf } from '../gates/answer.js';
import { evaluateGates } from '../gates/evaluate-gates.js';
import { outcomeOf } from '../gates/outcome.js';
import { AppendFile } from '../metrics/append-file.js';
import type { RecordLine } from '../metrics/record.js';
import { RecordFile } from '../metrics/record-file.js';
import type { Summary } from '../metrics/summary.js';
import { assembleSummary } from '../report/assemble-summary.js';
import { createIntervalLog } from '../report/hlog.js';
import { summaryJson } from '../report/json.js';
import type { ResultsFolder } from '../run/results-folder.js';
import { runPlan } from '../run/run-plan.js';
import type { Plan } from '../scenarios/plan.js';
import { createCallLog } from './call-log-file.js';
import type { LiveView } from './live-view.js';
import { VERSION } from './version.js';

export interface Measurement {
  readonly plan: Plan;
  readonly id: string;
  readonly startedAt: Date;
  readonly folder: ResultsFolder;
  readonly live: LiveView;
  readonly interceptorModules: readonly string[];
  readonly readFile: ReadNamedFile;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** Runs the plan, every line going to the record, the interval log, the analysis and the live view. */
export async function measure(measurement: Measurement): Promise<Summary> {
  const { plan, folder, live } = measurement;
  const lost: string[] = [];
  const onError = (path: string) => (error: Error) => {
    lost.push(`${path} could not be written: ${error.message}`);
    live.say(`${path} cannot be written (${error.message}); the run goes on, and will be invalid`);
  };
  const record = new RecordFile(folder.file('record'), onError(folder.file('record')));
  const intervals = new AppendFile(folder.file('intervals'), onError(folder.file('intervals')));
  const intervalLog = createIntervalLog(plan.intervalNs, (text) => intervals.append(text));
  const callLog = createCallLog(folder.file('calls'), onError(folder.file('calls')));
  const analysis = createAnalysis(plan);
  const write = (line: RecordLine) => {
    record.write(line);
    intervalLog.add(line);
    analysis.add(line);
    live.write(line);
  };
  try {
    await runPlan(plan, {
      ...measurement,
      version: VERSION,
      sink: { write, log: callLog.add },
    });
  } finally {
    live.close();
    intervalLog.close();
    await Promise.all([record.close(), intervals.close(), callLog.close()]);
  }
  const findings = analysis.findings();
  const gates = evaluateGates(plan, findings);
  const interrupted = measurement.interrupted.aborted;
  const answer = answerOf(plan, findings);
  const judge = () =>
    assembleSummary(findings, gates, answer, outcomeOf({ ...findings, gates, interrupted, lost }));
  const summaryFile = new AppendFile(folder.file('summary'), onError(folder.file('summary')));
  summaryFile.append(summaryJson(judge()));
  await summaryFile.close();
  return judge();
}
