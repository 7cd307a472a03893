/** The health checks there are. To add one: write its file, and add its line here. */
import { type Catalogue, chosenFrom } from '../../base/catalogue.js';
import { dependency } from './dependency.js';
import { eventLoopDelay } from './event-loop-delay.js';
import type { AnyHealthCheckKind } from './health-check.js';
import { queueLength } from './queue-length.js';

export const healthChecks = {
  'event-loop-delay': eventLoopDelay,
  'queue-length': queueLength,
  dependency,
} satisfies Catalogue<AnyHealthCheckKind>;

/** A map with one check as its one key: `{ queue-length: { above: 100 } }`. */
export const healthCheckSchema = chosenFrom('a health check', healthChecks);
