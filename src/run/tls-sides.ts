/**
 * Who speaks TLS with whom in a variant, and with which certificates.
 *
 *     clients ── listen ──► proxy ── upstream ──► targets          clients ──────► targets
 *
 * A proxy that ends TLS before targets that serve over it shows their own certificate, and asks for the
 * clients' as they do; towards them it is what the clients would be. So nobody sees that it is there.
 */
import type { ClientTls } from '../drivers/spec.js';
import type { ProxySpec } from '../proxy/spec.js';
import type { FleetTls, ServerTls } from '../targets/fleet-tls.js';

/** Absent: cleartext, or octets that pass through. */
export interface TlsSides {
  /** How clients speak with whatever they connect to. */
  readonly clients?: ClientTls | undefined;
  /** What the proxy shows its clients. */
  readonly listen?: ServerTls | undefined;
  /** How the proxy speaks with the targets. */
  readonly upstream?: ClientTls | undefined;
}

export interface TlsSidesOptions {
  readonly proxy: ProxySpec | undefined;
  /** Of targets that are ours; absent: they serve in cleartext, or are not ours. */
  readonly fleet: FleetTls | undefined;
  /** How targets of somebody else's are spoken with; absent: in cleartext, or they are ours. */
  readonly external: ClientTls | undefined;
  /** Makes a certificate for the run. */
  readonly make: () => FleetTls;
}

export function tlsSides({ proxy, fleet, external, make }: TlsSidesOptions): TlsSides {
  const targets = fleet?.client ?? external;
  // Without a proxy, or with one between two sides that both speak cleartext.
  if (proxy === undefined || (proxy.tls ?? targets) === undefined) return { clients: targets };
  switch (proxy.tls ?? 'both') {
    case 'pass-through':
      return { clients: targets };
    case 'originate':
      return { upstream: targets };
    case 'terminate': {
      const { server, client } = make();
      return { clients: client, listen: server };
    }
    case 'both': {
      const { server, client } = fleet ?? make();
      return { clients: client, listen: server, upstream: targets };
    }
  }
}
