/**
 * Where a fault acts: at the targets, or in the proxy before them. At the targets unless told, as far
 * as they are ours and the fault can be put there; a place in which it would do nothing is a mistake.
 */
import { entryOf } from '../base/catalogue.js';
import type { FaultEnvelope, FaultKind } from '../faults/fault.js';
import { faults as catalogue } from '../faults/index.js';
import type { PlacedMistake } from './placed-mistake.js';
import type { Scenario } from './scenario-schema.js';
import type { Path } from './source.js';

interface Fault {
  readonly kind: string;
  readonly options: unknown;
}

type Ground = Pick<Scenario, 'proxy' | 'targets'>;

/** @returns `in` undefined: at the targets. */
export function placeOf(
  { kind, options }: Fault,
  ground: Ground,
  path: Path,
): { readonly in: 'proxy' | undefined; readonly mistakes: readonly PlacedMistake[] } {
  const { in: wanted, backends, zones, tiers } = options as FaultEnvelope;
  const { layers } = entryOf<FaultKind>(catalogue, kind);
  if (layers.includes('resolver')) return atClients(kind, wanted, ground, path);
  const canProxy = layers.includes('proxy');
  const canTarget = layers.some((layer) => layer !== 'proxy');
  const isOurs = ground.targets.every(({ external }) => external === undefined);
  const inProxy = wanted === undefined ? !canTarget || (!isOurs && canProxy) : wanted === 'proxy';
  const at = wanted === undefined ? path : [...path, 'in'];
  if (!inProxy) {
    const mistakes = canTarget ? withoutTargets(kind, isOurs, canProxy, at) : onlyProxy(kind, at);
    return { in: undefined, mistakes };
  }
  if (!canProxy) return { in: 'proxy', mistakes: onlyTargets(kind, at) };
  const named = Object.entries({ backends, zones, tiers }).find(([, names]) => names !== undefined);
  return {
    in: 'proxy',
    mistakes: [
      ...withoutProxy(kind, ground, at),
      ...(named === undefined || ground.proxy?.balance === undefined
        ? []
        : beforeAll(kind, [...path, named[0]])),
    ],
  };
}

/** What name resolution tells of backends: with one address for all of them there is nothing to tell. */
function atClients(
  kind: string,
  wanted: FaultEnvelope['in'],
  { proxy }: Ground,
  path: Path,
): { readonly in: undefined; readonly mistakes: readonly PlacedMistake[] } {
  const mistakes: PlacedMistake[] = [];
  if (wanted !== undefined) {
    const message = `${kind} acts at the clients: neither in a target nor in a proxy`;
    mistakes.push({ path: [...path, 'in'], message, hint: 'leave it out' });
  } else if (proxy?.balance !== undefined) {
    const message = `${kind} changes which backends clients know: behind this proxy they know none`;
    mistakes.push({ path, message, hint: 'leave "balance" out of the proxy' });
  }
  return { in: undefined, mistakes };
}

function withoutTargets(
  kind: string,
  isOurs: boolean,
  canProxy: boolean,
  path: Path,
): PlacedMistake[] {
  if (isOurs) return [];
  const message = `${kind} acts on servers of ours, and the targets are external`;
  return [{ path, message, hint: canProxy ? 'with a proxy: in: proxy' : 'start backends instead' }];
}

function onlyProxy(kind: string, path: Path): PlacedMistake[] {
  return [{ path, message: `${kind} acts in a proxy only`, hint: 'in: proxy, or leave it out' }];
}

function onlyTargets(kind: string, path: Path): PlacedMistake[] {
  return [
    { path, message: `${kind} acts on servers only: no proxy can do it`, hint: 'in: target' },
  ];
}

function withoutProxy(kind: string, { proxy }: Ground, path: Path): PlacedMistake[] {
  if (proxy === undefined) {
    const message = `${kind} needs a proxy between clients and targets, and the scenario has none`;
    return [{ path, message, hint: 'add "proxy: {}" to the scenario' }];
  }
  if (proxy.tls === 'pass-through' && entryOf<FaultKind>(catalogue, kind).acts !== 'bytes') {
    const message = `${kind} needs a proxy that sees more than octets, and this one passes TLS through`;
    return [{ path, message, hint: 'proxy: { tls: both }, or a tcp-* fault' }];
  }
  if (proxy.program === undefined) return [];
  const message = `${kind} acts in our proxy, and ${proxy.program} knows no faults`;
  return [{ path, message, hint: 'leave "program" out' }];
}

/** A proxy that balances meets a call before anybody knows where it goes. */
function beforeAll(kind: string, path: Path): PlacedMistake[] {
  const message = `${kind} acts before the proxy has chosen a backend: it cannot keep to some`;
  return [{ path, message, hint: 'leave "balance" out, or let it act on all' }];
}
