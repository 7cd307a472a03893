/**
 * A backend that only delays, and a deadline: a call fails when its delay is longer, so the share that
 * fails is 1 − F(D), and the mean of what the others and the failed take is that of min(T, D).
 */
import { NS_PER_MS } from '../../src/base/clock.js';
import { cutOffMean } from './formulas.js';
import { meanOf, wilson } from './interval.js';
import { loadOf, modelFigure, type Simulate } from './model-figure.js';
import { runProduct } from './product-run.js';
import { judge } from './row.js';
import type { Truth } from './truth.js';

const SERVICE_MS = 40;
const DEADLINE_MS = 100;
const RATE_PER_SECOND = 300;
const SECONDS = 8;
const TITLE = `deadline ${DEADLINE_MS} ms, exponential ${SERVICE_MS} ms`;
/** Calls that reply within some ms of the deadline, either way: e^(−D/s)/s of them for each. */
const LOOSE = 3 * (Math.exp(-DEADLINE_MS / SERVICE_MS) / SERVICE_MS);

const simulate: Simulate = ({ serviceNs }) =>
  serviceNs.map((ns) => Math.min(ns, DEADLINE_MS * NS_PER_MS));

export const deadlineTruncation: Truth = {
  name: 'deadline',
  summary: 'A backend that only delays: the share that misses its deadline, and the mean cut off',
  async rows({ driver, seed, scale }) {
    const run = await runProduct({
      driver,
      seed,
      seconds: SECONDS * scale,
      arrivals: { poisson: `${RATE_PER_SECOND}/s` },
      targets: {
        server: 'wire',
        capacity: {
          slots: 10_000,
          serviceTime: { exponential: `${SERVICE_MS}ms` },
        },
      },
      client: { deadline: `${DEADLINE_MS}ms` },
    });
    const { phase, invalid } = run;
    const load = loadOf(run.plan, seed);
    const mean = modelFigure(load, simulate, (path) => meanOf(path.latencyNs) / NS_PER_MS);
    const cut = modelFigure(load, simulate, ({ latencyNs }) => {
      return latencyNs.filter((ns) => ns === DEADLINE_MS * NS_PER_MS).length / latencyNs.length;
    });
    const exceeded = phase.deadline?.exceeded ?? 0;
    const { completed } = phase.calls;
    const common = { truth: TITLE, subject: driver, invalid };
    return [
      judge({
        ...common,
        figure: 'share that fails',
        unit: 'share',
        expected: Math.exp(-DEADLINE_MS / SERVICE_MS),
        measured: exceeded / completed,
        spread: wilson(exceeded, completed),
        model: cut.model,
        loose: LOOSE,
      }),
      judge({
        ...common,
        figure: 'mean latency',
        unit: 'ms',
        expected: cutOffMean(SERVICE_MS, DEADLINE_MS),
        measured: (phase.latencyUs?.mean ?? Number.NaN) / 1e3,
        spread: { standardError: mean.standardError },
        model: mean.model,
        late: run.lateMs,
      }),
    ];
  },
};
