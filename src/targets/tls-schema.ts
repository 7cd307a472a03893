/**
 * `targets.tls`: `true` for a certificate made for the run; or which files, and whether clients have to
 * say who they are, too.
 */
import { z } from 'zod';
import { certificateFile, keyFile, type PemFile } from '../base/pem-file.js';
import { pairIssues } from '../drivers/tls-schema.js';

/** As it stands in a plan: files by their names. */
export interface TargetTls {
  /** Absent: made for the run. */
  readonly certificate?: PemFile;
  /** The certificate's. */
  readonly key?: PemFile;
  /** Clients without a certificate are refused; absent: none is asked for. */
  readonly clients?: 'required';
  /** Who vouches for the clients; absent: the run, for its own. */
  readonly clientAuthority?: PemFile;
}

const files = z
  .strictObject({
    certificate: certificateFile().optional(),
    key: keyFile().optional(),
    clients: z.enum(['required']).optional(),
    clientAuthority: certificateFile().optional(),
  })
  .superRefine(({ certificate, key }, context) => {
    for (const issue of pairIssues(certificate, key)) context.addIssue(issue);
  })
  .transform(({ certificate, key, clients, clientAuthority }): TargetTls => {
    const isAsked = clients !== undefined || clientAuthority !== undefined;
    return {
      ...(certificate && { certificate }),
      ...(key && { key }),
      ...(isAsked && { clients: 'required' }),
      ...(clientAuthority && { clientAuthority }),
    };
  });

/** Undefined: cleartext. */
export const targetTlsSchema = z
  .union([z.boolean(), files])
  .transform((tls) => (tls === false ? undefined : tls));
