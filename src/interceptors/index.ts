/** The interceptors there are. To add one: write its file, and add its line here. */
import type { Catalogue } from '../base/catalogue.js';
import { auth } from './auth.js';
import { deadlinePropagation } from './deadline-propagation.js';
import { delay } from './delay.js';
import { errorMapping } from './error-mapping.js';
import type { AnyInterceptorKind } from './interceptor.js';
import { logging } from './logging.js';
import { metrics } from './metrics.js';
import { pass } from './pass.js';
import { retry } from './retry.js';

export const interceptors = {
  auth,
  'deadline-propagation': deadlinePropagation,
  delay,
  'error-mapping': errorMapping,
  logging,
  metrics,
  pass,
  retry,
} satisfies Catalogue<AnyInterceptorKind>;
