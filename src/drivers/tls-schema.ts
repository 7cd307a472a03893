/** `client.tls`: whom a client trusts, and how it says who it is. Without it the run sees to both. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { certificateFile, isKeyOf, keyFile, type PemFile } from '../base/pem-file.js';

/** As it stands in a plan: files by their names. */
export interface ClientTlsFiles {
  /** Who vouches for the servers; absent: the run's own certificate, or else the system's authorities. */
  readonly authority?: PemFile | undefined;
  /** What servers that ask for it are shown; `false`: nothing; absent: what was made for the run. */
  readonly certificate?: PemFile | false | undefined;
  /** The certificate's. */
  readonly key?: PemFile | undefined;
  /** The name that the servers' certificate must have; absent: `localhost`. */
  readonly serverName?: string | undefined;
}

const serverName = z
  .string()
  .min(1)
  .refine((name) => isIP(name) === 0, { message: 'a name is needed here, not an address' });

export const clientTlsSchema = z
  .strictObject({
    authority: certificateFile().optional(),
    certificate: z.union([z.literal(false), certificateFile()]).optional(),
    key: keyFile().optional(),
    serverName: serverName.optional(),
  })
  .superRefine(({ certificate, key }, context) => {
    for (const issue of pairIssues(certificate === false ? undefined : certificate, key)) {
      context.addIssue(issue);
    }
  });

/** What is wrong with a certificate and its key, as issues of the map that has both. */
export function pairIssues(certificate: PemFile | undefined, key: PemFile | undefined) {
  const issue = (path: string, message: string) => [
    { code: 'custom' as const, path: [path], message },
  ];
  if (certificate === undefined && key === undefined) return [];
  if (certificate === undefined) return issue('key', 'a key goes with a certificate');
  if (key === undefined) return issue('certificate', 'a certificate goes with its key');
  if (isKeyOf(key, certificate)) return [];
  return issue('key', `${key.file} is not the key of ${certificate.file}`);
}
