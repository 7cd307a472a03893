/**
 * What the load of a variant is put on: its backends, ours or others', and the proxy before them, if
 * there is one.
 *
 *     load ──► endpoints ─── proxy ───► backends          load ──► endpoints = backends
 */
import { type ReadNamedFile, readNamedFile } from '../base/named-file.js';
import type { ClientTls } from '../drivers/spec.js';
import type { RecordedBackend, RecordSink } from '../metrics/record.js';
import { type Endpoint, startVariantProxy, type VariantProxy } from '../proxy/variant-proxy.js';
import type { Plan, VariantPlan } from '../scenarios/plan.js';
import { hostOfExternal } from '../targets/external.js';
import { startFleet } from '../targets/fleet.js';
import { createFleetTls, externalTls } from '../targets/fleet-tls.js';
import { type TlsSides, tlsSides } from './tls-sides.js';

export interface GroundOptions {
  readonly plan: Plan;
  readonly variant: VariantPlan;
  readonly sink: RecordSink;
  readonly interceptorModules: readonly string[];
  /** Reads the certificates and keys that the plan names. */
  readonly readFile: ReadNamedFile | undefined;
  /** A process died without being told to: the sentence that says which, and why. */
  readonly onLost: (reason: string) => void;
}

export interface Ground extends AsyncDisposable {
  /** What clients connect to. */
  readonly endpoints: readonly Endpoint[];
  /** How clients speak with it over TLS; undefined: in cleartext. */
  readonly clientTls: ClientTls | undefined;
  /** As the record has them. */
  readonly backends: readonly RecordedBackend[];
  /** Starts the load clock. Called once. */
  begin(zeroNs: number): void;
  /** Writes the final reports to the sink and ends all processes. Idempotent. */
  stop(): Promise<void>;
}

/** @throws UserError when a target's port is taken; RunError when a process does not start. */
export async function startGround(options: GroundOptions): Promise<Ground> {
  const { plan, variant, sink, interceptorModules, readFile = readNamedFile, onLost } = options;
  const { tlsFiles: files } = variant.client;
  const common = { variant: variant.name, seed: plan.seed, intervalNs: plan.intervalNs, sink };
  const fleet = await startFleet({
    ...common,
    specs: variant.backends.filter(({ external }) => external === undefined),
    ...(variant.tiers === undefined ? {} : { tiers: variant.tiers }),
    faults: variant.faults.filter((fault) => fault.in !== 'proxy'),
    interceptorModules,
    sampleShare: variant.sampleShare,
    clientTls: files,
    readFile,
    // The fleet records the backend's death itself.
    onLost: (backend, reason) => onLost(`backend ${backend} was lost: ${reason}`),
  });
  const external = variant.backends.flatMap(({ name, external: address }) =>
    address === undefined ? [] : [{ name, address }],
  );
  const backends: readonly Endpoint[] = [...fleet.backends, ...external];
  let proxy: VariantProxy | undefined;
  let tls: TlsSides;
  try {
    tls = tlsSides({
      proxy: variant.proxy,
      fleet: fleet.tls,
      external: tlsOfExternal(variant, readFile),
      make: () => createFleetTls(true, {}, readFile),
    });
    proxy =
      variant.proxy &&
      (await startVariantProxy({
        ...common,
        spec: variant.proxy,
        backends,
        certificate: tls.listen,
        upstreamTls: tls.upstream,
        faults: variant.faults.filter((fault) => fault.in === 'proxy'),
        onLost: (reason) => onLost(`the proxy was lost: it ${reason}`),
      }));
  } catch (error) {
    await fleet[Symbol.asyncDispose]();
    throw error;
  }
  const endpoints = proxy?.endpoints ?? backends;
  const isOneForAll = variant.proxy?.balance !== undefined;
  return {
    endpoints,
    clientTls: tls.clients,
    backends: [...backends, ...fleet.behind].map(({ name, address }, index) => {
      // There is one for each backend of the front tier, or one for all.
      const via = isOneForAll ? undefined : proxy?.endpoints[index]?.address;
      return { name, address, ...(via === undefined ? {} : { via }) };
    }),
    begin(zeroNs) {
      proxy?.begin(zeroNs);
      fleet.begin(zeroNs);
    },
    async stop() {
      // First, so that the end of the backends is no finding of the proxy's.
      await proxy?.stop();
      await fleet.stop();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([proxy?.[Symbol.asyncDispose](), fleet[Symbol.asyncDispose]()]);
    },
  };
}

/** All external targets speak alike. */
function tlsOfExternal({ backends, client }: VariantPlan, read: ReadNamedFile) {
  const secure = backends.find(({ external, tls }) => external !== undefined && tls !== undefined);
  if (secure?.external === undefined) return undefined;
  return externalTls(client.tlsFiles ?? {}, hostOfExternal(secure.external) ?? '', read);
}
