/**
 * Chains with everything that they `use` in its place, and what is wrong with them: chains that nobody
 * defines, chains that use each other in a circle, interceptors on a side that they are not for.
 */
import { didYouMean } from '../base/nearest.js';
import type { ChainItem, Chains } from './chain-schema.js';
import type { InterceptorSpec, Side } from './interceptor.js';

/** A mistake and where it is: keys and indexes from the root of the scenario. */
export interface ChainMistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/** Longest chain. A few lines of `use` that double each other would be one of millions. */
export const CHAIN_LENGTH_MAX = 64;

/** What is wrong with named chains, whether they are used or not. */
export function chainMistakes(chains: Chains): ChainMistake[] {
  const mistakes: ChainMistake[] = [];
  const done = new Set<string>();
  const visit = (name: string, above: readonly string[]) => {
    if (done.has(name)) return;
    const way = [...above, name];
    chains[name]?.forEach((item, index) => {
      if (!('use' in item)) return;
      const path = ['chains', name, index, 'use'];
      if (!Object.hasOwn(chains, item.use)) mistakes.push(unknownChain(item.use, path, chains));
      else if (way.includes(item.use)) {
        const circle = [...way.slice(way.indexOf(item.use)), item.use].join(' → ');
        mistakes.push({ path, message: `chains use each other in a circle: ${circle}` });
      } else visit(item.use, way);
    });
    done.add(name);
  };
  for (const name of Object.keys(chains)) visit(name, []);
  return mistakes;
}

function unknownChain(name: string, path: (string | number)[], chains: Chains): ChainMistake {
  const names = Object.keys(chains);
  const hint = names.length === 0 ? 'chains: defines none' : didYouMean(name, names);
  return { path, message: `there is no chain "${name}"`, hint };
}

interface PlacedItem {
  readonly item: Exclude<ChainItem, { use: string }>;
  readonly path: (string | number)[];
}

/**
 * One side's chain.
 * @param at where it is written.
 * @param chains without mistakes: none of them in a circle.
 */
export function resolveChain(
  items: readonly ChainItem[],
  side: Side,
  at: readonly (string | number)[],
  chains: Chains,
): { specs: InterceptorSpec[]; mistakes: ChainMistake[] } {
  const mistakes: ChainMistake[] = [];
  const flat: PlacedItem[] = [];
  const add = (some: readonly ChainItem[], place: readonly (string | number)[]) => {
    some.forEach((item, index) => {
      if (flat.length > CHAIN_LENGTH_MAX) return;
      const path = [...place, index];
      if (!('use' in item)) flat.push({ item, path });
      else if (Object.hasOwn(chains, item.use)) add(chains[item.use] ?? [], ['chains', item.use]);
      else mistakes.push(unknownChain(item.use, [...path, 'use'], chains));
    });
  };
  add(items, at);
  if (flat.length > CHAIN_LENGTH_MAX) {
    const message = `the chain has more than ${CHAIN_LENGTH_MAX} interceptors`;
    return { specs: [], mistakes: [...mistakes, { path: at, message }] };
  }
  for (const { item, path } of flat) {
    const message = item.mistakeOn[side];
    if (message !== undefined) mistakes.push({ path: [...path, item.kind], message });
  }
  return { specs: named(flat), mistakes };
}

/** `metrics`, `auth`, `metrics#2` */
function named(flat: readonly PlacedItem[]): InterceptorSpec[] {
  const seen = new Map<string, number>();
  return flat.map(({ item: { kind, options } }) => {
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    return { name: count === 1 ? kind : `${kind}#${count}`, kind, options };
  });
}
