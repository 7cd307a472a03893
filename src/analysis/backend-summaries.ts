/** Who took the attempts of a phase: backend by backend, as their client or they themselves counted. */
import type { BackendSummary } from '../metrics/summary.js';
import { totalAttempts } from './attempt-tally.js';
import type { PhaseTally } from './phase-tally.js';
import type { Served } from './served-tally.js';
import { withDefined } from './with-defined.js';

/** A backend as it was reached; without an address, one that never told where it listens. */
export interface KnownBackend {
  readonly name: string;
  readonly address: string;
}

/** The variant's backends in order, idle ones too, then addresses that are none of theirs. */
export function countedByClient(
  tally: PhaseTally,
  known: readonly KnownBackend[],
  total: number,
): BackendSummary[] {
  const addresses = new Set(known.map(({ address }) => address));
  const strangers = [...tally.attempts.keys()]
    .filter((address) => !addresses.has(address))
    .sort()
    .map((address) => ({ name: address, address }));
  return [...known, ...strangers].map(({ name, address }) => {
    const found = tally.attempts.get(address);
    const attempts = found === undefined ? 0 : totalAttempts(found.counts);
    return {
      name,
      address,
      attempts,
      ...(total === 0 ? {} : { share: attempts / total }),
      byCode: found?.counts.byCode ?? {},
      ...withDefined({ latencyUs: found?.latency.summarise() }),
    };
  });
}

/** The same by what the backends received, or were given by a proxy, idle ones too. */
export function countedBeyond(
  countedBy: 'servers' | 'proxy',
  served: ReadonlyMap<string, Served>,
  known: readonly KnownBackend[],
): BackendSummary[] {
  // Of backends behind these, which they call themselves, clients know nothing.
  const total = known.reduce((sum, { name }) => sum + (served.get(name)?.attempts ?? 0), 0);
  return known.map(({ name, address }) => {
    const { attempts = 0, byCode = {} } = served.get(name) ?? {};
    const share = total === 0 ? {} : { share: attempts / total };
    return { name, address, attempts, ...share, byCode, countedBy };
  });
}
