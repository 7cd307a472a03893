/** What a proxy in a scenario cannot stand before. */
import type { PlacedMistake } from './placed-mistake.js';
import type { Scenario } from './scenario-schema.js';

export function proxyMistakes({
  proxy,
  targets,
}: Pick<Scenario, 'proxy' | 'targets'>): PlacedMistake[] {
  if (proxy === undefined) return [];
  const isSecure = targets.some(({ tls }) => tls !== undefined);
  const path = ['proxy', 'tls'];
  if (proxy.program !== undefined) {
    if (!isSecure) return [];
    const message = `${proxy.program} speaks cleartext, and the targets would serve over TLS`;
    return [{ path: ['proxy', 'program'], message, hint: 'leave it out, or "targets.tls"' }];
  }
  const { tls } = proxy;
  if (tls === 'terminate' && isSecure) {
    const message = 'terminate speaks cleartext with the targets, and they serve over TLS';
    return [{ path, message, hint: 'both, or leave "targets.tls" out' }];
  }
  if ((tls === 'originate' || tls === 'both') && !isSecure) {
    const message = `${tls} speaks TLS with the targets, and they serve in cleartext`;
    return [{ path, message, hint: 'add tls: true to the targets, or terminate' }];
  }
  return [];
}
