/**
 * Load balancing policies as grpc-js 1.14 really reads them.
 *
 * grpc-js answers a policy that it cannot parse by using pick_first, with a line at DEBUG; a key that
 * it does not know it ignores. Either would make a comparison of balancers a lie, so both are refused
 * here, with what grpc-js wants instead. The last word has grpc-js's own parser.
 */
import { experimental } from '@grpc/grpc-js';
import { messageOf } from '../base/errors.js';
import { didYouMean } from '../base/nearest.js';
import { kindOf } from '../base/units.js';

/** A mistake at a place inside the policy. */
export interface PolicyMistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/** The keys that grpc-js reads of each policy; `{}` stands for a value, a record for nested keys. */
interface Keys {
  readonly [key: string]: Keys;
}

const leaf: Keys = {};
const nanosDuration: Keys = { seconds: leaf, nanos: leaf };

const POLICIES: Readonly<Record<string, Keys>> = {
  pick_first: { shuffleAddressList: leaf },
  round_robin: {},
  weighted_round_robin: {
    enable_oob_load_report: leaf,
    oob_load_reporting_period: leaf,
    blackout_period: leaf,
    weight_expiration_period: leaf,
    weight_update_period: leaf,
    error_utilization_penalty: leaf,
  },
  outlier_detection: {
    interval: nanosDuration,
    base_ejection_time: nanosDuration,
    max_ejection_time: nanosDuration,
    max_ejection_percent: leaf,
    success_rate_ejection: {
      stdev_factor: leaf,
      enforcement_percentage: leaf,
      minimum_hosts: leaf,
      request_volume: leaf,
    },
    failure_percentage_ejection: {
      threshold: leaf,
      enforcement_percentage: leaf,
      minimum_hosts: leaf,
      request_volume: leaf,
    },
    child_policy: leaf,
  },
};

/** Names of the policies that can be asked for. */
export const POLICY_NAMES: readonly string[] = Object.keys(POLICIES);

const SILENT = 'grpc-js would silently use pick_first instead';

/**
 * What is wrong with one `loadBalancingConfig` entry, such as `{ round_robin: {} }`; empty when
 * grpc-js will do as it says.
 */
export function policyMistakes(policy: unknown): PolicyMistake[] {
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) {
    return [
      { path: [], message: `expected a map such as { round_robin: {} }, got ${kindOf(policy)}` },
    ];
  }
  const entries = Object.entries(policy);
  const [name, config] = entries[0] ?? ['', undefined];
  if (entries.length !== 1) {
    return [{ path: [], message: 'a policy is a map with exactly one key, its name' }];
  }
  const keys = POLICIES[name];
  if (keys === undefined) {
    return [
      {
        path: [name],
        message: `grpc-js has no load balancing policy "${name}": ${SILENT}`,
        hint: didYouMean(name, POLICY_NAMES),
      },
    ];
  }
  const mistakes = unknownKeys(config, keys, [name]);
  if (mistakes.length > 0) return mistakes;
  const children = childMistakes(config, name);
  return children.length > 0 ? children : parserMistakes(name, policy);
}

function unknownKeys(
  value: unknown,
  keys: Keys,
  path: readonly (string | number)[],
): PolicyMistake[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ path, message: `expected a map, got ${kindOf(value)}: ${SILENT}` }];
  }
  const known = Object.keys(keys);
  return Object.entries(value).flatMap(([key, inner]): PolicyMistake[] => {
    const nested = keys[key];
    if (nested === undefined) {
      const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return [
        {
          path: [...path, key],
          message: `grpc-js does not read "${key}" of ${path[0]} and would ignore it`,
          hint: known.includes(snake)
            ? `it reads "${snake}"`
            : known.length === 0
              ? 'this policy has no options'
              : didYouMean(key, known),
        },
      ];
    }
    if (nested === nanosDuration && typeof inner === 'string') {
      return [
        {
          path: [...path, key],
          message: `grpc-js reads "${key}" as { seconds, nanos }, not as text: ${SILENT}`,
          hint: 'for example { seconds: 1, nanos: 0 }',
        },
      ];
    }
    return nested === leaf ? [] : unknownKeys(inner, nested, [...path, key]);
  });
}

function childMistakes(config: unknown, name: string): PolicyMistake[] {
  const { child_policy: children } = config as { child_policy?: unknown };
  if (!Array.isArray(children)) return [];
  return children.flatMap((child, index) =>
    policyMistakes(child).map((mistake) => ({
      ...mistake,
      path: [name, 'child_policy', index, ...mistake.path],
    })),
  );
}

function parserMistakes(name: string, policy: object): PolicyMistake[] {
  try {
    experimental.parseLoadBalancingConfig(policy as Record<string, object>);
    return [];
  } catch (cause) {
    return [{ path: [name], message: `grpc-js refuses it (${messageOf(cause)}): ${SILENT}` }];
  }
}
