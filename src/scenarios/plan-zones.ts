/** A balancer that goes by zones, on targets that stand in none: it would see nothing to go by. */

import { didYouMean } from '../base/nearest.js';
import { zonesAskedFor } from '../drivers/read-policy.js';
import type { PlacedMistake } from './placed-mistake.js';
import type { Scenario } from './scenario-schema.js';

export function zoneMistakes({
  client,
  targets,
  tiers,
  proxy,
}: Pick<Scenario, 'client' | 'targets' | 'tiers' | 'proxy'>): PlacedMistake[] {
  const known = [...new Set(targets.flatMap(({ zone }) => (zone === undefined ? [] : [zone])))];
  const asked = zonesAskedFor(client.serviceConfig);
  const path = ['client', 'balancer'];
  const behind = [...targets, ...Object.values(tiers).flat()].some(
    ({ next }) => next !== undefined && zonesAskedFor(next.client.serviceConfig).length > 0,
  );
  const ofTiers: PlacedMistake[] = behind
    ? [
        {
          path: ['targets'],
          message: 'zone-aware: backends do not know the zones of the next tier',
        },
      ]
    : [];
  if (asked.length > 0 && proxy?.balance !== undefined) {
    const message = 'zone-aware: all that clients see is the proxy, which balances for them';
    return [...ofTiers, { path, message, hint: 'leave out proxy.balance' }];
  }
  const unknown = asked.filter((zone) => !known.includes(zone));
  return [...ofTiers, ...unknown.map((zone) => ({ path, ...noSuchZone(zone, known) }))];
}

function noSuchZone(zone: string, known: readonly string[]) {
  return known.length === 0
    ? {
        message: 'zone-aware: no backend has a zone',
        hint: 'name them, and give each its zone: backends: [{ name: b0, zone: a }, …]',
      }
    : {
        message: `zone-aware: no backend stands in zone "${zone}"`,
        hint: didYouMean(zone, known),
      };
}
