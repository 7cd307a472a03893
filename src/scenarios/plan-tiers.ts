/**
 * The chain of tiers of a variant: from who calls whom, as the scenario says it, to the order of the
 * calls; and what is wrong with it.
 */
import { didYouMean } from '../base/nearest.js';
import type { WrittenBackend } from '../targets/spec.js';
import { FRONT, TIERS_MAX } from '../targets/tier.js';
import type { PlacedMistake } from './placed-mistake.js';
import type { Scenario } from './scenario-schema.js';
import type { Path } from './source.js';

/** A tier whose interceptors are not put together yet. */
export interface WrittenTier {
  readonly name: string;
  readonly backends: readonly WrittenBackend[];
  /** Where the scenario describes it. */
  readonly path: readonly string[];
}

/**
 * @returns the tiers from the front one on, as far as the chain can be followed, and beside them, for
 *   whoever goes by names, all that the scenario describes.
 */
export function planTiers({ targets, tiers }: Pick<Scenario, 'targets' | 'tiers'>): {
  tiers: readonly WrittenTier[];
  described: readonly [WrittenTier, ...WrittenTier[]];
  mistakes: readonly PlacedMistake[];
} {
  const mistakes: PlacedMistake[] = [];
  const front: WrittenTier = { name: FRONT, backends: targets, path: ['targets'] };
  const chain: [WrittenTier, ...WrittenTier[]] = [front];
  for (let last = front; ; ) {
    const { path, backends } = last;
    const called = backends[0]?.next?.tier;
    if (called === undefined) break;
    const next = nextTier(called, chain, tiers, [...path, 'next', 'tier']);
    if ('mistake' in next) {
      mistakes.push(next.mistake);
      break;
    }
    chain.push(next);
    last = next;
  }
  const followed = mistakes.length === 0;
  mistakes.push(
    ...reservedName(tiers),
    // Where the chain breaks off, what stands behind the break is not the mistake.
    ...(followed ? uncalled(chain, tiers) : []),
    ...sharedNames(targets, tiers),
  );
  const beside = Object.entries(tiers)
    .filter(([name]) => !chain.some((tier) => tier.name === name))
    .map(([name, backends]): WrittenTier => ({ name, backends, path: ['tiers', name] }));
  return { tiers: chain, described: [...chain, ...beside], mistakes };
}

function nextTier(
  called: string,
  chain: readonly WrittenTier[],
  tiers: Scenario['tiers'],
  path: Path,
): WrittenTier | { mistake: PlacedMistake } {
  const names = chain.map(({ name }) => name);
  if (names.includes(called)) {
    const message = `the tiers call each other in a circle: ${[...names, called].join(' → ')}`;
    return { mistake: { path, message, hint: 'leave next out of the last tier' } };
  }
  const backends = Object.hasOwn(tiers, called) ? tiers[called] : undefined;
  if (backends === undefined) {
    const known = Object.keys(tiers).filter((name) => !names.includes(name));
    const hint = known.length === 0 ? 'name it under "tiers"' : didYouMean(called, known);
    return { mistake: { path, message: `there is no tier "${called}"`, hint } };
  }
  if (chain.length === TIERS_MAX) {
    const message = `a chain has at most ${TIERS_MAX} tiers: ${[...names, called].join(' → ')}`;
    return { mistake: { path, message, hint: 'leave one of them out' } };
  }
  return { name: called, backends, path: ['tiers', called] };
}

function reservedName(tiers: Scenario['tiers']): PlacedMistake[] {
  if (!Object.hasOwn(tiers, FRONT)) return [];
  const message = `"${FRONT}" is the tier that "targets" describes`;
  return [{ path: ['tiers', FRONT], message, hint: 'give this one another name' }];
}

function uncalled(chain: readonly WrittenTier[], tiers: Scenario['tiers']): PlacedMistake[] {
  const last = chain.at(-1)?.path.join('.') ?? 'targets';
  return Object.keys(tiers)
    .filter((name) => name !== FRONT && !chain.some((tier) => tier.name === name))
    .map((name) => ({
      path: ['tiers', name],
      message: `nobody calls the tier "${name}"`,
      hint: `${last}.next: { tier: ${name} } would`,
    }));
}

/** Faults and figures go by the names of backends, whatever their tier. */
function sharedNames(
  targets: readonly WrittenBackend[],
  tiers: Scenario['tiers'],
): PlacedMistake[] {
  const known = new Map(targets.map(({ name }) => [name, FRONT]));
  return Object.entries(tiers).flatMap(([tier, backends]) =>
    backends.flatMap(({ name }) => {
      const other = known.get(name);
      known.set(name, tier);
      if (other === undefined || other === tier) return [];
      const message = `backend "${name}" has the name of one of ${other}: names are unique`;
      return [{ path: ['tiers', tier], message, hint: 'list "backends" with names of their own' }];
    }),
  );
}
