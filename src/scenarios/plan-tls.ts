/** What the two sides of TLS say of each other: a client that could never be taken, on any hop. */
import { isIP } from 'node:net';
import type { WrittenClient } from '../drivers/client-schema.js';
import { hostOfExternal } from '../targets/external.js';
import type { BackendSpec } from '../targets/spec.js';
import { formatPath } from './mistakes.js';
import type { PlacedMistake } from './placed-mistake.js';
import { planTiers } from './plan-tiers.js';
import type { Scenario } from './scenario-schema.js';

type Tls = Pick<WrittenClient, 'tlsFiles'>;

/** A side of a hop, and where the scenario describes it. */
interface Side {
  readonly path: readonly string[];
}

/** Of the client and the front tier, and of each tier and the next. */
export function tlsMistakes(scenario: Pick<Scenario, 'client' | 'targets' | 'tiers'>) {
  const { tiers } = planTiers(scenario);
  const mistakes = hopMistakes(
    { path: ['client'], client: scenario.client },
    { path: ['targets'], backends: scenario.targets },
  );
  for (const [index, tier] of tiers.entries()) {
    const client = tier.backends[0]?.next?.client;
    const next = tiers[index + 1];
    if (client === undefined || next === undefined) continue;
    mistakes.push(...hopMistakes({ path: [...tier.path, 'next'], client }, next));
  }
  return [...mistakes, ...namelessMistakes(scenario)];
}

/** A certificate is somebody's of a name, and one client goes by one. */
function namelessMistakes({ client, targets }: Pick<Scenario, 'client' | 'targets'>) {
  const hosts = targets.flatMap(({ external, tls }) =>
    external === undefined || tls === undefined ? [] : [hostOfExternal(external)],
  );
  const [first] = hosts;
  const isNamed = first !== undefined && isIP(first) === 0 && hosts.every((host) => host === first);
  if (hosts.length === 0 || isNamed || client.tlsFiles?.serverName !== undefined) return [];
  const message =
    hosts.length > 1 && first !== undefined && isIP(first) === 0
      ? 'external targets of different names have different certificates'
      : 'the certificate of an external target is held to a name, and its address has none';
  return [{ path: ['targets', 'tls'], message, hint: 'give client.tls a serverName' }];
}

function hopMistakes(
  { path, client: { tlsFiles } }: Side & { readonly client: Tls },
  called: Side & { readonly backends: readonly Pick<BackendSpec, 'tls'>[] },
): PlacedMistake[] {
  // All backends of a tier serve alike.
  const tls = called.backends[0]?.tls;
  const caller = formatPath(path);
  const target = formatPath(called.path);
  if (tls === undefined) {
    if (tlsFiles === undefined) return [];
    return [
      {
        path: [...path, 'tls'],
        message: `${caller}.tls: the targets serve in cleartext`,
        hint: `add tls: true to ${target === 'targets' ? 'the targets' : target}`,
      },
    ];
  }
  if (tls === true || !tls.clientAuthority || tlsFiles?.certificate !== undefined) return [];
  return [
    {
      path: [...called.path, 'tls', 'clientAuthority'],
      message: `${target}.tls.clientAuthority: the client has no certificate that this vouches for`,
      hint: `give ${caller}.tls a certificate and its key; certificate: false shows what comes of none`,
    },
  ];
}
