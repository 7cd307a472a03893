/** How a proxy reaches its upstream over TLS: whom it trusts, and whom it expects there. */
import { isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext } from 'node:tls';

export interface UpstreamTls {
  /** Certificates that are trusted, in PEM; those that Node trusts when absent. */
  readonly ca?: string | undefined;
  /** Name that the server's certificate must have; the host's when absent. */
  readonly name?: string | undefined;
}

/**
 * The context is made once: certificates are not read again for each connection.
 * @throws Error when the certificates are no PEM.
 */
export function upstreamTls(host: string, { ca, name = host }: UpstreamTls): ConnectionOptions {
  return {
    secureContext: createSecureContext(ca === undefined ? {} : { ca }),
    // A name only: an address has no place in SNI (RFC 6066 §3), and is checked without it.
    ...(isIP(name) === 0 && { servername: name }),
  };
}
