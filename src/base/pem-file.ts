/**
 * Certificates and keys in PEM files that a scenario names: a name comes in, what a plan may hold of the
 * file goes out, and the text whenever it is needed.
 *
 * A plan is written into the results, so it has the name and, of a certificate, a fingerprint; never a
 * key. Whoever starts the run reads the files again, with the reader that the scenario was read with.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { messageOf } from './errors.js';
import { readNamedFile } from './named-file.js';

/** One file, as it stands in a plan. */
export interface PemFile {
  /** As the scenario names it, relative to itself. */
  readonly file: string;
  /** Of the first certificate in it, SHA-256 in hexadecimal; absent for a key. */
  readonly sha256?: string;
}

/** A certificate and whoever vouches for it, or the certificates of those that are trusted. */
export function certificateFile() {
  return z
    .string()
    .min(1)
    .transform((file, context): PemFile => {
      const certificates = reading(file, context, certificatesIn);
      if (certificates === undefined) return z.NEVER;
      const fingerprint = certificates[0]?.fingerprint256 ?? '';
      return { file, sha256: fingerprint.replaceAll(':', '').toLowerCase() };
    });
}

/** A private key that is not under a passphrase. */
export function keyFile() {
  return z
    .string()
    .min(1)
    .transform((file, context): PemFile => {
      return reading(file, context, keyIn) === undefined ? z.NEVER : { file };
    });
}

/** Whether a key belongs to a certificate; both have been read before. */
export function isKeyOf(key: PemFile, certificate: PemFile): boolean {
  const [leaf] = certificatesIn(readNamedFile(certificate.file).text);
  return leaf?.checkPrivateKey(keyIn(readNamedFile(key.file).text)) === true;
}

/** What a file comes to; when it cannot be read, or is not what it should be, an issue says so. */
function reading<Result>(
  file: string,
  context: z.RefinementCtx,
  parse: (text: string) => Result,
): Result | undefined {
  let text: string;
  try {
    ({ text } = readNamedFile(file));
  } catch (error) {
    context.addIssue({ code: 'custom', message: `${file} cannot be read: ${messageOf(error)}` });
    return undefined;
  }
  try {
    return parse(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `${file} ${messageOf(error)}` });
    return undefined;
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** At least one. @throws when there is none, or one of them is no certificate. */
function certificatesIn(text: string): X509Certificate[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new Error('has no certificate in it, in PEM');
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new Error('has something in it that is no certificate', { cause });
    }
  });
}

function keyIn(text: string) {
  // `ENCRYPTED PRIVATE KEY`, or `Proc-Type: 4,ENCRYPTED` in older ones.
  if (/\bENCRYPTED\b/.test(text)) {
    throw new Error('is under a passphrase: only keys without one can be used');
  }
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw new Error('has no private key in it, in PEM', { cause });
  }
}
