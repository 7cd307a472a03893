/**
 * The checks of a scenario as each backend's own, and what is wrong with them beyond their form:
 * backends that nobody defines, a queue that there is not, servers that wait for each other.
 */
import { z } from 'zod';
import { didYouMean } from '../../base/nearest.js';
import type { Capacity } from '../spec.js';
import { DEPENDENCY, type Dependency } from './dependency.js';
import type { HealthCheckEnvelope, HealthCheckPlan } from './health-check.js';
import { healthCheckSchema } from './index.js';

/** The `health:` part of `targets:`. */
export const healthSchema = z.strictObject({
  checks: z.array(healthCheckSchema).min(1, 'at least one check is needed'),
});

type ChosenCheck = z.output<typeof healthCheckSchema>;

/** A backend, as far as checks are concerned. */
export interface CheckableBackend {
  readonly name: string;
  readonly capacity?: Capacity | undefined;
}

/** The checks that a backend runs. */
export function checksOf(backend: string, checks: readonly ChosenCheck[]): HealthCheckPlan[] {
  return checks
    .filter((check) => runsOn(check, backend))
    .map(({ kind, options }) => {
      const { backends: _, services, ...own } = options as HealthCheckEnvelope;
      return { kind, ...(services === undefined ? {} : { services }), options: own };
    });
}

function runsOn(check: ChosenCheck, backend: string): boolean {
  const { backends } = check.options as HealthCheckEnvelope;
  return backends?.includes(backend) ?? dependencyOf(check) !== backend;
}

/** The backend that a check depends on, where it is that kind. */
function dependencyOf({ kind, options }: ChosenCheck): string | undefined {
  return kind === DEPENDENCY ? (options as Dependency).on : undefined;
}

/** A mistake, at a path within `checks`. */
export interface CheckMistake {
  readonly path: (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

export function checkMistakes(
  backends: readonly CheckableBackend[],
  checks: readonly ChosenCheck[],
): CheckMistake[] {
  // One that is wrong in its form was not made whole; that mistake is told first.
  if (checks.some(({ options }) => options === undefined)) return [];
  const found = checks.flatMap((check, index) => {
    const path = [index, check.kind];
    return [...unknownBackends(backends, check, path), ...queueMistakes(backends, check, path)];
  });
  return found.length > 0 ? found : circleMistakes(backends, checks);
}

function unknownBackends(
  backends: readonly CheckableBackend[],
  check: ChosenCheck,
  path: CheckMistake['path'],
): CheckMistake[] {
  const names = backends.map(({ name }) => name);
  const { backends: wanted = [] } = check.options as HealthCheckEnvelope;
  const on = dependencyOf(check);
  const named = [
    ...wanted.map((name, index) => ({ name, at: ['backends', index] })),
    ...(on === undefined ? [] : [{ name: on, at: ['on'] }]),
  ];
  return named
    .filter(({ name }) => !names.includes(name))
    .map(({ name, at }) => ({
      path: [...path, ...at],
      message: `there is no backend "${name}"`,
      hint: didYouMean(name, names),
    }));
}

function queueMistakes(
  backends: readonly CheckableBackend[],
  check: ChosenCheck,
  path: CheckMistake['path'],
): CheckMistake[] {
  if (check.kind !== 'queue-length') return [];
  const { above } = check.options;
  return backends
    .filter(({ name }) => runsOn(check, name))
    .flatMap(({ name, capacity }): CheckMistake[] => {
      if (capacity === undefined) {
        const hint = 'give it a capacity, or name other backends';
        return [{ path, message: `backend "${name}" has no queue`, hint }];
      }
      if (above < capacity.queue) return [];
      const message = `the queue of backend "${name}" holds no more than ${capacity.queue}`;
      return [{ path: [...path, 'above'], message, hint: 'the check would never find anything' }];
    })
    .slice(0, 1);
}

/** Of checks that close a circle, each is a mistake; those before it stand. */
function circleMistakes(
  backends: readonly CheckableBackend[],
  checks: readonly ChosenCheck[],
): CheckMistake[] {
  const needs = new Map<string, Set<string>>();
  return checks.flatMap((check, index): CheckMistake[] => {
    const on = dependencyOf(check);
    if (on === undefined) return [];
    const dependents = backends.map(({ name }) => name).filter((name) => runsOn(check, name));
    const circle = dependents
      .map((name) => wayFrom(on, name, needs))
      .find((way) => way !== undefined);
    if (circle !== undefined) {
      const [last] = circle.slice(-1);
      return [
        {
          path: [index, DEPENDENCY, 'on'],
          message: `backends depend on each other in a circle: ${[last, ...circle].join(' → ')}`,
          hint: 'name those that depend on it with backends: […]',
        },
      ];
    }
    for (const name of dependents) needs.set(name, (needs.get(name) ?? new Set()).add(on));
    return [];
  });
}

/** The names from one backend to another that it needs, both included. */
function wayFrom(
  from: string,
  to: string,
  needs: ReadonlyMap<string, ReadonlySet<string>>,
): string[] | undefined {
  if (from === to) return [from];
  for (const next of needs.get(from) ?? []) {
    // There is no circle in what stands so far, so this ends.
    const rest = wayFrom(next, to, needs);
    if (rest !== undefined) return [from, ...rest];
  }
  return undefined;
}
