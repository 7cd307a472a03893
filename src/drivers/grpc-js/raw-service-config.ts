/**
 * A service config that goes to grpc-js word by word, neither checked nor mended, so that one can see what
 * it makes of it. The only addition: what it takes for its balancer is wrapped, so that attempts are seen.
 */
import { Client, credentials } from '@grpc/grpc-js';
import { messageOf } from '../../base/errors.js';
import { observed } from './attempt-balancer.js';
import { registerPolicies } from './register-policies.js';

type ServiceConfig = Readonly<Record<string, unknown>>;

/** Nobody is called. */
const NOBODY = 'ipv4:127.0.0.1:1';

/** Why grpc-js makes no client with it; undefined when it does, whatever it understands of it. */
export function whyRefused(config: ServiceConfig): string | undefined {
  registerPolicies();
  try {
    const options = { 'grpc.service_config': JSON.stringify(withObserver(config)) };
    new Client(NOBODY, credentials.createInsecure(), options).close();
    return undefined;
  } catch (cause) {
    return messageOf(cause);
  }
}

/** The same, with its attempts seen. */
export function withObserver(config: ServiceConfig): Record<string, unknown> {
  const { loadBalancingConfig: policies = [] } = config;
  // What is no list of policies is grpc-js's to refuse.
  if (!Array.isArray(policies) || !policies.every(hasOneKey)) return { ...config };
  return { ...config, loadBalancingConfig: [observed(...policies)] };
}

function hasOneKey(policy: unknown): boolean {
  return typeof policy === 'object' && policy !== null && Object.keys(policy).length === 1;
}
