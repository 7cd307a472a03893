/** The balancers there are of our own. To add one: write its file, and add its line here. */
import type { Catalogue } from '../base/catalogue.js';
import type { AnyBalancerKind } from './balancer.js';
import { healthAware } from './health-aware.js';
import { leastRequest } from './least-request.js';
import { p2c } from './p2c.js';
import { peakEwma } from './peak-ewma.js';
import { random } from './random.js';
import { slowStart } from './slow-start.js';
import { zoneAware } from './zone-aware.js';

/** Those that pick. */
export const balancers = {
  random,
  least_request: leastRequest,
  p2c,
  peak_ewma: peakEwma,
  'zone-aware': zoneAware,
  'slow-start': slowStart,
} satisfies Catalogue<AnyBalancerKind>;

/** With those that stand around others. */
export const allBalancers = {
  ...balancers,
  'health-aware': healthAware,
} satisfies Catalogue;
