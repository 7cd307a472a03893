/**
 * TLS between the backends of a variant and its clients: what a plan says of it comes in, certificates
 * and keys go out, read from their files or made. All is held in memory, and gone with the run.
 */

import type { ReadNamedFile } from '../base/named-file.js';
import type { PemFile } from '../base/pem-file.js';
import type { ClientTls } from '../drivers/spec.js';
import type { ClientTlsFiles } from '../drivers/tls-schema.js';
import { type Certificate, createCertificate } from './certificate.js';
import type { TargetTls } from './tls-schema.js';

/** A server's side. */
export interface ServerTls extends Certificate {
  /** Clients must show a certificate that these vouch for, in PEM; absent: none is asked for. */
  readonly clientAuthority?: string;
}

export interface FleetTls {
  readonly server: ServerTls;
  readonly client: ClientTls;
}

/** What our targets' own certificate is for, and what the users' are taken for unless told. */
const LOCAL = 'localhost';
const CLIENTS = 'grpc-squall clients';

/** @throws when a file cannot be read. */
export function createFleetTls(
  target: true | TargetTls,
  client: ClientTlsFiles,
  read: ReadNamedFile,
): FleetTls {
  const given: TargetTls = target === true ? {} : target;
  const { textOf, pairOf } = pemReader(read);
  const own = pairOf(given.certificate, given.key);
  const server = own ?? createCertificate();
  const isRequired = given.clients === 'required';
  const madeForClients =
    isRequired && given.clientAuthority === undefined
      ? createCertificate({ name: CLIENTS })
      : undefined;
  const clientAuthority =
    given.clientAuthority === undefined ? madeForClients?.cert : textOf(given.clientAuthority);
  const { certificate } = client;
  const shown =
    certificate === false ? undefined : (pairOf(certificate, client.key) ?? madeForClients);
  // A certificate of the user's is the system's to judge, unless the user says who does.
  const trusted = client.authority === undefined ? undefined : textOf(client.authority);
  const ca = trusted ?? (own === undefined ? server.cert : undefined);
  return {
    server: { ...server, ...(clientAuthority !== undefined && { clientAuthority }) },
    client: {
      ...(ca !== undefined && { ca }),
      ...shown,
      serverName: client.serverName ?? LOCAL,
    },
  };
}

/**
 * How clients speak with a server of somebody else's: the system's authorities judge it unless the user
 * says who does, and it has to have the name by which it is called.
 * @param host the server's.
 * @throws when a file cannot be read.
 */
export function externalTls(client: ClientTlsFiles, host: string, read: ReadNamedFile): ClientTls {
  const { textOf, pairOf } = pemReader(read);
  const { authority, certificate, key, serverName = host } = client;
  return {
    ...(authority !== undefined && { ca: textOf(authority) }),
    ...(certificate !== false && pairOf(certificate, key)),
    serverName,
  };
}

function pemReader(read: ReadNamedFile) {
  const textOf = ({ file }: PemFile) => read(file).text;
  const pairOf = (certificate?: PemFile, key?: PemFile): Certificate | undefined =>
    certificate && key && { cert: textOf(certificate), key: textOf(key) };
  return { textOf, pairOf };
}
