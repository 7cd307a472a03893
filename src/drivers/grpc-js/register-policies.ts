/** All load balancing policies that are not grpc-js's own, made known to it in this thread. */
import { attemptBalancer } from './attempt-balancer.js';
import { ejectionObserver } from './ejection-observer.js';
import { healthAware } from './health-aware-policy.js';
import { registerHostedBalancer } from './hosted-balancer.js';
import { registerPolicyAround } from './policy-around.js';
import { keyedRing } from './ring-hash.js';

/** Doing it again changes nothing. */
export function registerPolicies(): void {
  registerPolicyAround(attemptBalancer);
  registerPolicyAround(ejectionObserver);
  registerPolicyAround(healthAware);
  registerPolicyAround(keyedRing);
  registerHostedBalancer();
}
