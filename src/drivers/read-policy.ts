/**
 * A balancer as a scenario names it → the policy that grpc-js is given, or what is wrong with it.
 *
 *     least_request: { choiceCount: 3 }      → squall_pick: { kind: least_request, options }
 *     health-aware: { child: p2c }           → squall_health: { child_policy: squall_pick … }
 *     round_robin: {}                        → as it is, once grpc-js is known to read it so
 *
 * Ours may stand wherever a policy may: also as the child of outlier_detection, which has an observer of its
 * ejections around its child.
 */
import { experimental } from '@grpc/grpc-js';
import type { z } from 'zod';
import { allBalancers, balancers } from '../balancers/index.js';
import { entryOf } from '../base/catalogue.js';
import { messageOf } from '../base/errors.js';
import { namingKnownKeys } from '../base/known-keys.js';
import { didYouMean } from '../base/nearest.js';
import { kindOf } from '../base/units.js';
import { EJECTION_OBSERVER } from './grpc-js/ejection-observer.js';
import { HEALTH_AWARE } from './grpc-js/health-aware-policy.js';
import { HOSTED_BALANCER, type HostedPolicy } from './grpc-js/hosted-balancer.js';
import { registerPolicies } from './grpc-js/register-policies.js';
import { KEYED_RING, RING_HASH, ringHashMistake } from './grpc-js/ring-hash.js';
import {
  asGrpcJsReads,
  grpcJsPolicyMistakes,
  POLICY_NAMES,
  type PolicyMistake,
  SILENT,
} from './load-balancing-config.js';

/** One policy under its name, as grpc-js reads it. */
export type Policy = Readonly<Record<string, unknown>>;

export type ReadPolicy =
  | { readonly policy: Policy }
  | { readonly mistakes: readonly PolicyMistake[] };

/** What may be asked for. */
export const BALANCER_NAMES: readonly string[] = [...POLICY_NAMES, ...Object.keys(allBalancers)];

/** What `health-aware` watches where neither it nor a service config says so: the whole server. */
const HEALTH_OF_DEFAULT = '';

export interface ReadPolicyOptions {
  /** `healthCheckConfig.serviceName` of the service config. */
  readonly healthService?: string | undefined;
}

/** @param value a name alone, or a map with it as the one key. */
export function readPolicy(value: unknown, options: ReadPolicyOptions = {}): ReadPolicy {
  const map = typeof value === 'string' ? { [value]: {} } : value;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    return wrong([], `expected a map such as { round_robin: {} }, got ${kindOf(map)}`);
  }
  const [first, ...more] = Object.entries(map);
  if (first === undefined || more.length > 0) {
    return wrong([], 'a policy is a map with exactly one key, its name');
  }
  const [name, config] = first;
  if (Object.hasOwn(balancers, name)) return readHosted(name as keyof typeof balancers, config);
  if (name === allBalancers['health-aware'].kind) return readHealthAware(name, config, options);
  return readGrpcJs(name, config, options);
}

function wrong(path: PolicyMistake['path'], message: string, hint?: string): ReadPolicy {
  return { mistakes: [{ path, message, ...(hint === undefined ? {} : { hint }) }] };
}

function readHosted(kind: keyof typeof balancers, config: unknown): ReadPolicy {
  const entry = entryOf(balancers as Record<string, (typeof balancers)[typeof kind]>, kind);
  const parsed = parseOptions(kind, entry.schema, config);
  if ('mistakes' in parsed) return parsed;
  return { policy: { [HOSTED_BALANCER]: { kind, options: parsed.options } } };
}

function readHealthAware(name: string, config: unknown, options: ReadPolicyOptions): ReadPolicy {
  const parsed = parseOptions(name, allBalancers['health-aware'].schema, config);
  if ('mistakes' in parsed) return parsed;
  const { child, service: own } = parsed.options as { child: unknown; service?: string };
  const { healthService } = options;
  if (own !== undefined && healthService !== undefined && own !== healthService) {
    const message = `service is "${own}" here and "${healthService}" in healthCheckConfig`;
    return wrong([name, 'service'], message, 'give one of them');
  }
  const read = below(readPolicy(child, options), [name, 'child']);
  if ('mistakes' in read) return read;
  const [childName = ''] = Object.keys(read.policy);
  if (childName === 'pick_first') {
    const message = 'pick_first does not look at health (gRFC A17): it has no other to go to';
    return wrong([name, 'child'], message, 'round_robin, or a balancer of ours');
  }
  const service = own ?? healthService ?? HEALTH_OF_DEFAULT;
  return { policy: { [HEALTH_AWARE]: { service, child_policy: read.policy } } };
}

function readGrpcJs(name: string, written: unknown, options: ReadPolicyOptions): ReadPolicy {
  if (!POLICY_NAMES.includes(name)) {
    const message = `there is no balancer "${name}": ${SILENT}`;
    return wrong([name], message, didYouMean(name, BALANCER_NAMES));
  }
  const mistakes = grpcJsPolicyMistakes(name, written);
  if (mistakes.length > 0) return { mistakes };
  const config = asGrpcJsReads(name, written);
  if (name === RING_HASH) return readRingHash(config);
  const { child_policy: children } = config as { child_policy?: unknown };
  if (!Array.isArray(children)) return parsedByGrpcJs(name, { [name]: config });
  const read = children.map((child, index) =>
    below(readPolicy(child, options), [name, 'child_policy', index]),
  );
  const childMistakes = read.flatMap((one) => ('mistakes' in one ? one.mistakes : []));
  if (childMistakes.length > 0) return { mistakes: childMistakes };
  const policies = read.flatMap((one) => ('policy' in one ? [one.policy] : []));
  const around = (child_policy: readonly Policy[]) => ({
    [name]: { ...(config as object), child_policy },
  });
  const parsed = parsedByGrpcJs(name, around(policies));
  if ('mistakes' in parsed) return parsed;
  return { policy: around([{ [EJECTION_OBSERVER]: { child_policy: policies } }]) };
}

function readRingHash(config: unknown): ReadPolicy {
  const missing = ringHashMistake();
  if (missing !== undefined) return wrong([RING_HASH], missing, 'install it beside @grpc/grpc-js');
  return parsedByGrpcJs(RING_HASH, { [KEYED_RING]: config });
}

/** The last word has grpc-js's own parser. */
function parsedByGrpcJs(name: string, policy: Policy): ReadPolicy {
  registerPolicies();
  try {
    experimental.parseLoadBalancingConfig(policy as Record<string, object>);
    return { policy };
  } catch (cause) {
    return wrong([name], `grpc-js refuses it (${messageOf(cause)}): ${SILENT}`);
  }
}

function below(read: ReadPolicy, path: PolicyMistake['path']): ReadPolicy {
  if ('policy' in read) return read;
  return { mistakes: read.mistakes.map((one) => ({ ...one, path: [...path, ...one.path] })) };
}

type Parsed = { readonly options: unknown } | { readonly mistakes: readonly PolicyMistake[] };

function parseOptions(kind: string, schema: z.ZodType, config: unknown): Parsed {
  const parsed = schema.safeParse(config ?? {}, { error: namingKnownKeys });
  if (parsed.success) return { options: parsed.data };
  return {
    mistakes: parsed.error.issues.map((issue) => ({
      path: [kind, ...(issue.path as (string | number)[])],
      message: issue.message,
      issue,
    })),
  };
}

/** Whether a client's balancer, anywhere in it, goes by the health of backends. */
export function watchesHealth(serviceConfig: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(serviceConfig).includes(`"${HEALTH_AWARE}":`);
}

/** The zones that balancers of a service config go by, wherever in it they stand. */
export function zonesAskedFor(serviceConfig: Readonly<Record<string, unknown>>): string[] {
  const { kind } = balancers['zone-aware'];
  return hostedIn(serviceConfig).flatMap((hosted) =>
    hosted.kind === kind ? [(hosted.options as { zone: string }).zone] : [],
  );
}

function hostedIn(value: unknown): HostedPolicy[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === HOSTED_BALANCER ? [inner as HostedPolicy] : hostedIn(inner),
  );
}
