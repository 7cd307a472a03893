/** The kinds of check there are. To add one: a file, and a line here. */
import { type Catalogue, chosenFrom } from '../base/catalogue.js';
import type { AnyCheckKind } from './check.js';
import { fairness } from './fairness.js';
import { goodput } from './goodput.js';
import { recoveryTime } from './recovery-time.js';
import { retryAmplification } from './retry-amplification.js';
import { successRate } from './success-rate.js';

export const checks = {
  'retry-amplification': retryAmplification,
  goodput,
  'success-rate': successRate,
  'recovery-time': recoveryTime,
  fairness,
} satisfies Catalogue<AnyCheckKind>;

/** One check as a scenario writes it: `{ goodput: { phase: storm, atLeast: 95% } }`. */
export const checkSchema = chosenFrom('a check', checks);
