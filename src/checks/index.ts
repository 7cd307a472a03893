/** The kinds of check there are. To add one: a file, and a line here. */
import { z } from 'zod';
import { type Catalogue, chosenFrom } from '../base/catalogue.js';
import { backendShare } from './backend-share.js';
import { backpressureBound } from './backpressure-bound.js';
import { callTime } from './call-time.js';
import { type AnyCheckKind, SHOWS_KEY } from './check.js';
import { cpuCost } from './cpu-cost.js';
import { deadlineOvershoot } from './deadline-overshoot.js';
import { fairness } from './fairness.js';
import { goodput } from './goodput.js';
import { headOfLine } from './head-of-line.js';
import { hedgingGain } from './hedging-gain.js';
import { littlesLaw } from './littles-law.js';
import { lostCalls } from './lost-calls.js';
import { lostService } from './lost-service.js';
import { metastability } from './metastability.js';
import { misroutes } from './misroutes.js';
import { outboxBound } from './outbox-bound.js';
import { reconnectRate } from './reconnect-rate.js';
import { recoveryTime } from './recovery-time.js';
import { retryAmplification } from './retry-amplification.js';
import { statusTable } from './status-table.js';
import { successRate } from './success-rate.js';
import { timeToDetect } from './time-to-detect.js';
import { utilisation } from './utilisation.js';
import { versus } from './versus.js';
import { wastedWork } from './wasted-work.js';

export const checks = {
  'retry-amplification': retryAmplification,
  goodput,
  'success-rate': successRate,
  'status-table': statusTable,
  'recovery-time': recoveryTime,
  'lost-service': lostService,
  metastability,
  'time-to-detect': timeToDetect,
  misroutes,
  fairness,
  'backend-share': backendShare,
  utilisation,
  'call-time': callTime,
  'deadline-overshoot': deadlineOvershoot,
  'wasted-work': wastedWork,
  'lost-calls': lostCalls,
  'backpressure-bound': backpressureBound,
  'outbox-bound': outboxBound,
  'head-of-line': headOfLine,
  'reconnect-rate': reconnectRate,
  'hedging-gain': hedgingGain,
  versus,
  'cpu-cost': cpuCost,
  'littles-law': littlesLaw,
} satisfies Catalogue<AnyCheckKind>;

/**
 * One check as a scenario writes it: `{ goodput: { phase: storm, atLeast: 95% } }`. Beside it may stand what it
 * shows when it passes, for the report: where it expects what nobody wants, above all.
 */
export const checkSchema = chosenFrom('a check', checks, {
  [SHOWS_KEY]: z.string().min(1).optional(),
});
