/** Every truth, in the order of the table. */
import { amplification } from './amplification.js';
import { balancedWaits } from './balanced-waits.js';
import { budget } from './budget.js';
import { deadlineTruncation } from './deadline.js';
import { fairness } from './fairness.js';
import { fanOut } from './fan-out.js';
import { fixedDelay } from './fixed-delay.js';
import { frozenServer } from './frozen.js';
import { hedgedExponentials, hedgedStragglers } from './hedging.js';
import { layers } from './layers.js';
import { littlesLaw } from './little.js';
import { erlangLoss } from './loss.js';
import { openBudget } from './open-budget.js';
import { oracles } from './oracle.js';
import { outlierDelay } from './outlier-delay.js';
import { outliers } from './outliers.js';
import { queueTruths } from './queues.js';
import { stability } from './stability.js';
import { throttle } from './throttle.js';
import type { Truth } from './truth.js';
import { flowControl } from './window.js';

export const truths: readonly Truth[] = [
  ...oracles,
  fixedDelay,
  ...queueTruths,
  erlangLoss,
  deadlineTruncation,
  hedgedExponentials,
  hedgedStragglers,
  fanOut,
  littlesLaw,
  frozenServer,
  fairness,
  flowControl,
  amplification,
  layers,
  throttle,
  budget,
  openBudget,
  balancedWaits,
  outliers,
  outlierDelay,
  stability,
];
