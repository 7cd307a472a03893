/** What a proxy in a scenario cannot stand before. */
import type { PlacedMistake } from './placed-mistake.js';
import type { Scenario } from './scenario-schema.js';

export function proxyMistakes({
  proxy,
  targets,
}: Pick<Scenario, 'proxy' | 'targets'>): PlacedMistake[] {
  if (proxy === undefined || targets.every(({ tls }) => tls === undefined)) return [];
  const message = 'the proxy of a scenario speaks cleartext, and its targets would serve over TLS';
  return [{ path: ['proxy'], message, hint: 'leave "targets.tls" out' }];
}
