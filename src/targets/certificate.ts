/**
 * A certificate for one run's targets, or its clients: made at its start, held in memory, trusted by
 * nobody but the other side of the same run. It names the loopback addresses and `localhost`, and is valid for a day.
 *
 * Node has keys and signatures and no certificates. The one that is needed here is always the same
 * but for key and dates (X.509 v3, RFC 5280; ECDSA on P-256 with SHA-256, RFC 5758), so that its
 * octets are written by hand rather than by a library as large as this whole folder.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  boolean,
  der,
  explicit,
  objectIdentifier,
  octetString,
  sequence,
  set,
  unsigned,
  utcTime,
  utf8String,
} from './der.js';

/** Both in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const HOUR_MS = 3_600_000;
/** Clocks of machines differ a little. */
const VALID_BEFORE_MS = HOUR_MS;
const VALID_FOR_MS = 24 * HOUR_MS;
const COMMON_NAME = '2.5.4.3';
const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
/** Positive, and not so long that anyone minds (RFC 5280 §4.1.2.2). */
const SERIAL_OCTETS = 16;

/** Context-specific tags of a GeneralName (§4.2.1.6). */
const dnsName = (name: string) => der(0x82, Buffer.from(name));
const ipAddress = (...octets: number[]) => der(0x87, Buffer.from(octets));

const NAMES = sequence(
  dnsName('localhost'),
  ipAddress(127, 0, 0, 1),
  ipAddress(...new Array<number>(15).fill(0), 1),
);

export interface CertificateOptions {
  /** Unix ms: it is valid from an hour before on. */
  readonly now?: number;
  /** Who it is for, to be read by people. */
  readonly name?: string;
}

export function createCertificate({
  now = Date.now(),
  name: commonName = 'grpc-squall targets',
}: CertificateOptions = {}): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256));
  const name = sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8String(commonName))));
  const extension = (id: string, isCritical: boolean, value: Uint8Array) =>
    sequence(objectIdentifier(id), ...(isCritical ? [boolean(true)] : []), octetString(value));
  const toBeSigned = sequence(
    explicit(0, unsigned(Buffer.of(2))),
    unsigned(randomBytes(SERIAL_OCTETS)),
    algorithm,
    name,
    sequence(
      utcTime(new Date(now - VALID_BEFORE_MS)),
      utcTime(new Date(now - VALID_BEFORE_MS + VALID_FOR_MS)),
    ),
    // Issuer and subject are one: it is signed with its own key.
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(
      3,
      sequence(
        extension(SUBJECT_ALT_NAME, false, NAMES),
        extension(BASIC_CONSTRAINTS, true, sequence(boolean(true))),
      ),
    ),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const whole = sequence(toBeSigned, algorithm, bitString(signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
