/** All load balancing policies that are not grpc-js's own, made known to it in this thread. */
import { registerAttemptBalancer } from './attempt-balancer.js';
import { registerEjectionObserver } from './ejection-observer.js';
import { registerHealthAware } from './health-aware-policy.js';
import { registerHostedBalancer } from './hosted-balancer.js';
import { registerKeyedRing } from './ring-hash.js';

/** Doing it again changes nothing. */
export function registerPolicies(): void {
  registerAttemptBalancer();
  registerEjectionObserver();
  registerHostedBalancer();
  registerHealthAware();
  registerKeyedRing();
}
