/** `squall list`: what there is, from the catalogues themselves. */
import Table from 'cli-table3';
import type { CommandModule } from 'yargs';
import { arrivals } from '../arrivals/index.js';
import { allBalancers } from '../balancers/index.js';
import type { Catalogue, CatalogueEntry } from '../base/catalogue.js';
import { UserError } from '../base/errors.js';
import { didYouMean } from '../base/nearest.js';
import { calls } from '../calls/index.js';
import { checks } from '../checks/index.js';
import { grpcJsPolicies } from '../drivers/grpc-js-policies.js';
import type { FaultKind } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import { interceptors } from '../interceptors/index.js';
import { loadScenario } from '../scenarios/load-scenario.js';
import { healthChecks } from '../targets/health-checks/index.js';
import { readScenario, scenarioNames } from './scenario-files.js';

const catalogues: Readonly<Record<string, Catalogue>> = {
  arrivals,
  calls,
  faults,
  interceptors,
  balancers: { ...grpcJsPolicies, ...allBalancers },
  checks,
  'health-checks': healthChecks,
};
/** Of both columns. */
const TABLE_WIDTH = 100;

const KINDS = ['scenarios', ...Object.keys(catalogues)];

export const listCommand: CommandModule<object, { kind: string | undefined }> = {
  command: 'list [kind]',
  describe: `Show what there is: ${KINDS.join(', ')}`,
  builder: (yargs) =>
    yargs.positional('kind', { type: 'string', describe: `One of: ${KINDS.join(', ')}` }),
  handler: ({ kind }) => {
    if (kind !== undefined && !KINDS.includes(kind)) {
      throw new UserError({
        message: `nothing is called "${kind}"`,
        hint: didYouMean(kind, KINDS),
      });
    }
    const shown = kind === undefined ? KINDS : [kind];
    // One kind alone is shown with all that its entries say of themselves.
    const isWhole = kind !== undefined;
    process.stdout.write(shown.map((name) => section(name, isWhole)).join('\n'));
  },
};

function section(kind: string, isWhole: boolean): string {
  const rows =
    kind === 'scenarios'
      ? scenarioNames().map((name) => [name, scenarioSummary(name)])
      : Object.values(catalogues[kind] ?? {}).map((entry) => [
          entry.kind,
          isWhole ? wholeText(entry) : entry.summary,
        ]);
  // A cell has a space on each side; what is too long for its column would be cut off.
  const nameWidth =
    Math.max(...[kind, ...rows.map(([name = '']) => name)].map((one) => one.length)) + 2;
  const table = new Table({
    head: [kind, ''],
    colWidths: [nameWidth, TABLE_WIDTH - nameWidth],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  table.push(...rows);
  return `${table.toString()}\n`;
}

/** What an entry does and, of a fault, what it is for. */
function wholeText(entry: CatalogueEntry & Partial<FaultKind>): string {
  const { summary, exercises, correctClient } = entry;
  if (exercises === undefined || correctClient === undefined) return summary;
  return [summary, `Exercises: ${exercises}.`, `A correct client: ${correctClient}`].join('\n');
}

function scenarioSummary(name: string): string {
  const { file, text } = readScenario(name);
  return loadScenario(file, text).summary;
}
