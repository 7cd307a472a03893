/** `squall report`: judges and shows a recorded run again, without load. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { createAnalysis } from '../analysis/analysis.js';
import { messageOf, UserError } from '../base/errors.js';
import { answerOf } from '../gates/answer.js';
import { evaluateGates } from '../gates/evaluate-gates.js';
import { outcomeOf } from '../gates/outcome.js';
import { readRecord } from '../metrics/record-file.js';
import type { Summary } from '../metrics/summary.js';
import { assembleSummary } from '../report/assemble-summary.js';
import { RESULT_FILES } from '../run/results-folder.js';
import { PLAN_SCHEMA, type Plan } from '../scenarios/plan.js';
import { printReport } from './print-report.js';

interface ReportArguments {
  readonly result: string;
  readonly json: boolean;
}

export const reportCommand: CommandModule<object, ReportArguments> = {
  command: 'report <result>',
  describe: 'Show the report of a recorded run again',
  builder: (yargs) =>
    yargs
      .positional('result', {
        type: 'string',
        demandOption: true,
        describe: 'A folder under results/',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print summary.json alone on stdout',
      }),
  handler: async ({ result, json }) => {
    const summary = await judgeAgain(result);
    printReport(summary, json);
    process.exitCode = summary.outcome.exitCode;
  },
};

async function judgeAgain(folder: string): Promise<Summary> {
  const plan = readPlan(join(folder, RESULT_FILES.plan));
  const analysis = createAnalysis(plan);
  let interrupted = false;
  for await (const line of readRecord(join(folder, RESULT_FILES.record))) {
    analysis.add(line);
    interrupted ||= line.type === 'event' && line.kind === 'interrupted';
  }
  const findings = analysis.findings();
  const gates = evaluateGates(plan, findings);
  const outcome = outcomeOf({ ...findings, gates, interrupted });
  return assembleSummary(findings, gates, answerOf(plan, findings), outcome);
}

function readPlan(path: string): Plan {
  let plan: Partial<Plan>;
  try {
    plan = JSON.parse(readFileSync(path, 'utf8')) as Partial<Plan>;
  } catch (cause) {
    throw new UserError(
      { where: path, message: `the plan of the run cannot be read: ${messageOf(cause)}` },
      { cause },
    );
  }
  if (plan.schema !== PLAN_SCHEMA) {
    throw new UserError({ where: path, message: `expected a plan of schema "${PLAN_SCHEMA}"` });
  }
  return plan as Plan;
}
