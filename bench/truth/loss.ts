/**
 * Erlang's loss system: slots and no line. The share of calls that are refused depends on the offered
 * traffic alone, not on how service times are spread, so it is measured for two spreads.
 */
import { erlangB } from './formulas.js';
import { type Figure, loadOf, modelFigure, type Simulate } from './model-figure.js';
import { runProduct } from './product-run.js';
import { sojournsNs } from './queue-model.js';
import { judge, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

const SLOTS = 10;
const SERVICE_MS = 40;
const RATE_PER_SECOND = 200;
const LOAD = (RATE_PER_SECOND * SERVICE_MS) / 1e3;
const SECONDS = 7;
/** Calls that come within an instant of a departure may find the slot taken or free. */
const LOOSE = 0.01;

const simulate: Simulate = (calls) => sojournsNs(calls, { slots: SLOTS, waits: false });
const refusedShare: Figure = ({ latencyNs }) =>
  latencyNs.filter(Number.isNaN).length / latencyNs.length;

async function row(
  { driver, seed, scale }: TruthContext,
  service: 'exponential' | 'fixed',
): Promise<Row> {
  const run = await runProduct({
    driver,
    seed,
    seconds: SECONDS * scale,
    arrivals: { poisson: `${RATE_PER_SECOND}/s` },
    targets: {
      server: 'wire',
      capacity: {
        slots: SLOTS,
        queue: 0,
        serviceTime: { [service]: `${SERVICE_MS}ms` },
      },
    },
  });
  const { calls } = run.phase;
  return judge({
    truth: `Erlang B, ${SLOTS} slots, load ${LOAD}, ${service}`,
    figure: 'share refused',
    subject: driver,
    unit: 'share',
    expected: erlangB(SLOTS, LOAD),
    measured: (calls.byCode.RESOURCE_EXHAUSTED ?? 0) / calls.completed,
    loose: LOOSE,
    invalid: run.invalid,
    ...spreadAndModel(run.plan, seed),
  });
}

function spreadAndModel(plan: Parameters<typeof loadOf>[0], seed: number) {
  const { model, standardError } = modelFigure(loadOf(plan, seed), simulate, refusedShare);
  return { model, spread: { standardError } };
}

export const erlangLoss: Truth = {
  name: 'erlang-b',
  summary: 'Slots and no line: the share refused, whatever the spread of service times',
  rows: async (context) => [await row(context, 'exponential'), await row(context, 'fixed')],
};
