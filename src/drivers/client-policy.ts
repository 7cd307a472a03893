/**
 * The load balancing policy of a `client:`, from its `balancer:` or from its service config.
 *
 * Of the list in a service config gRPC takes the first entry that it knows; here all are known, so
 * the first is it, and the others are only held to be right. `healthCheckConfig` (gRFC A17) is for
 * `health-aware`; grpc-js itself would drop it without a word.
 */
import { z } from 'zod';
import { unknownKey, unknownKeysOf } from '../base/known-keys.js';
import { HEALTH_AWARE } from './grpc-js/health-aware-policy.js';
import type { PolicyMistake } from './load-balancing-config.js';
import { type Policy, type ReadPolicy, readPolicy } from './read-policy.js';

/** As much of a client as there is to be read. */
export interface WrittenPolicy {
  readonly balancer?: unknown;
  readonly serviceConfig?:
    | {
        readonly loadBalancingConfig?: readonly unknown[] | undefined;
        readonly healthCheckConfig?: { readonly serviceName: string } | undefined;
      }
    | undefined;
}

/** A mistake at its place in the client. */
export interface PlacedPolicyMistake {
  readonly path: string[];
  readonly message: string;
  readonly params: { readonly hint: string };
}

type Context = z.core.$RefinementCtx;

/** gRPC's own default. */
const DEFAULT = 'pick_first';

/** One balancer as it is written; what is wrong with it is told together with all else. */
export const writtenPolicy = z.any().superRefine((value: unknown, context) => {
  // Absent: as gRPC has it.
  const read = value === undefined ? undefined : readPolicy(value);
  if (read === undefined || 'policy' in read) return;
  for (const mistake of read.mistakes) report(mistake, value, context);
});

/** What contradicts each other in it, each part being right in itself. */
export function clientPolicyMistakes({ serviceConfig = {} }: WrittenPolicy): PlacedPolicyMistake[] {
  const { loadBalancingConfig = [], healthCheckConfig } = serviceConfig;
  if (healthCheckConfig === undefined) return [];
  const options = { healthService: healthCheckConfig.serviceName };
  const read = loadBalancingConfig.map((value) => readPolicy(value, options));
  const wrong = read.flatMap((one, index) =>
    'mistakes' in one
      ? one.mistakes.map(({ path, message, hint = '' }) => ({
          path: ['serviceConfig', 'loadBalancingConfig', String(index), ...path.map(String)],
          message,
          params: { hint },
        }))
      : [],
  );
  const [first] = read;
  if (wrong.length > 0 || (first !== undefined && isHealthAware(first))) return wrong;
  return [
    {
      path: ['serviceConfig', 'healthCheckConfig'],
      message: 'grpc-js has no health checking by the client, and ignores it',
      params: { hint: 'name health-aware in loadBalancingConfig' },
    },
  ];
}

function isHealthAware(read: ReadPolicy): boolean {
  return JSON.stringify(read).includes(`"${HEALTH_AWARE}"`);
}

/** @param client one without mistakes. */
export function clientPolicyOf({ balancer, serviceConfig = {} }: WrittenPolicy): Policy {
  const { loadBalancingConfig, healthCheckConfig } = serviceConfig;
  const [asked] = loadBalancingConfig ?? [balancer ?? DEFAULT];
  const read = readPolicy(asked, { healthService: healthCheckConfig?.serviceName });
  if ('policy' in read) return read.policy;
  throw new Error(`a policy was taken that is wrong: ${read.mistakes[0]?.message}`);
}

function report(
  { path: inner, message, hint, issue }: PolicyMistake,
  input: unknown,
  context: Context,
): void {
  const path = [...inner];
  if (issue === undefined) context.addIssue({ code: 'custom', message, path, params: { hint } });
  else if (issue.code === 'unrecognized_keys') {
    // zod goes on after one of its own, to where the policy is put to use.
    for (const { key, known } of unknownKeysOf(issue)) {
      context.addIssue({ ...unknownKey(key, known), path: [...path, key] });
    }
  } else context.issues.push({ ...issue, path, input } as (typeof context.issues)[number]);
}
