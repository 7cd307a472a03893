/**
 * Load balancing policies as grpc-js 1.14 really reads them.
 *
 * grpc-js answers a policy that it cannot parse by using pick_first, with a line at DEBUG; a key that
 * it does not know it ignores. Either would make a comparison of balancers a lie, so both are refused
 * here, with what grpc-js wants instead. `read-policy.ts` puts this together with balancers of ours.
 */
import type { z } from 'zod';
import { NS_PER_SECOND } from '../base/clock.js';
import { didYouMean } from '../base/nearest.js';
import { kindOf, parseDurationNs } from '../base/units.js';
import { serviceConfigDuration } from './config-duration.js';

/** A mistake at a place inside the policy. */
export interface PolicyMistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
  /** What a schema found, in its own words; it says all of `message` and more. */
  readonly issue?: z.core.$ZodIssue;
}

/** The keys that grpc-js reads of each policy; `{}` stands for a value, a record for nested keys. */
interface Keys {
  readonly [key: string]: Keys;
}

const leaf: Keys = {};
/** grpc-js wants it in seconds and nanos; text is made that. */
const nanosDuration: Keys = { seconds: leaf, nanos: leaf };
/** grpc-js reads it as seconds with a point, and nothing else. */
const textDuration: Keys = {};

const POLICIES: Readonly<Record<string, Keys>> = {
  pick_first: { shuffleAddressList: leaf },
  round_robin: {},
  weighted_round_robin: {
    enable_oob_load_report: leaf,
    oob_load_reporting_period: textDuration,
    blackout_period: textDuration,
    weight_expiration_period: textDuration,
    weight_update_period: textDuration,
    error_utilization_penalty: leaf,
  },
  ring_hash: { min_ring_size: leaf, max_ring_size: leaf, request_hash_header: leaf },
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

/** What comes of what grpc-js cannot read. */
export const SILENT = 'grpc-js would silently use pick_first instead';

const WEIGHTED = 'weighted_round_robin';

/** What is wrong with the options of one of its policies; empty when grpc-js reads all of them. */
export function grpcJsPolicyMistakes(name: string, config: unknown): PolicyMistake[] {
  const mistakes = unknownKeys(config, POLICIES[name] ?? {}, [name]);
  if (mistakes.length > 0 || name !== WEIGHTED) return mistakes;
  const { enable_oob_load_report: isOutOfBand } = config as { enable_oob_load_report?: unknown };
  if (isOutOfBand !== undefined && isOutOfBand !== false) return [];
  // Its other mode is a report with each reply, for which grpc-js parses the contract anew each time.
  return [
    {
      path: [name],
      message: 'targets report their load out of band only: without reports it has no weights',
      hint: '{ enable_oob_load_report: true, oob_load_reporting_period: 0.1s, blackout_period: 0s }',
    },
  ];
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
    if (isDuration(nested) && typeof inner !== 'object') {
      const isRead = typeof inner === 'string' && parseDurationNs(inner) !== undefined;
      const message = `"${key}" is a duration, got ${kindOf(inner)}: ${SILENT}`;
      return isRead ? [] : [{ path: [...path, key], message, hint: 'for example 500ms or 1.5s' }];
    }
    return nested === leaf || nested === textDuration
      ? []
      : unknownKeys(inner, nested, [...path, key]);
  });
}

function isDuration(keys: Keys): boolean {
  return keys === nanosDuration || keys === textDuration;
}

/** The options of one of its policies as it reads them: durations that are text in its own forms. */
export function asGrpcJsReads(name: string, config: unknown): unknown {
  return withDurations(config, POLICIES[name] ?? {});
}

function withDurations(value: unknown, keys: Keys): unknown {
  if (typeof value === 'string' && isDuration(keys)) {
    const ns = parseDurationNs(value) ?? Number.NaN;
    if (keys === textDuration) return serviceConfigDuration(ns);
    return { seconds: Math.floor(ns / NS_PER_SECOND), nanos: ns % NS_PER_SECOND };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withDurations(inner, keys[key] ?? leaf)]),
  );
}
