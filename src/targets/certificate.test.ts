/** A certificate that others read as it is meant: Node's own parser, and OpenSSL's tool where it is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createCertificate } from './certificate.js';
import { der, objectIdentifier, unsigned, utcTime } from './der.js';

test('lengths, numbers, identifiers and times in their shortest form', () => {
  const hexOf = (octets: Uint8Array) => Buffer.from(octets).toString('hex');
  assert.equal(hexOf(der(4, Buffer.alloc(127))).slice(0, 4), '047f');
  assert.equal(hexOf(der(4, Buffer.alloc(128))).slice(0, 6), '048180');
  assert.equal(hexOf(der(4, Buffer.alloc(256))).slice(0, 8), '04820100');
  assert.throws(() => der(4, Buffer.alloc(65_536)), /65536/);
  assert.deepEqual(
    ['00', '0000', '7f', '80', '0080', 'ff01'].map((digits) =>
      hexOf(unsigned(Buffer.from(digits, 'hex'))),
    ),
    ['020100', '020100', '02017f', '02020080', '02020080', '020300ff01'],
  );
  assert.equal(hexOf(objectIdentifier('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
  assert.equal(
    utcTime(new Date('2026-01-02T03:04:05.678Z')).toString('latin1', 2),
    '260102030405Z',
  );
  assert.throws(() => utcTime(new Date('2050-01-01T00:00:00Z')), /2050/);
});

test('it names the loopback, is signed with its own key and is valid for a day', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  const { cert, key } = createCertificate({ now });
  const read = new X509Certificate(cert);
  assert.equal(read.subject, 'CN=grpc-squall targets');
  assert.equal(read.checkHost('localhost'), 'localhost');
  assert.equal(read.checkIP('127.0.0.1'), '127.0.0.1');
  assert.notEqual(read.checkIP('::1'), undefined);
  assert.equal(read.checkHost('example.com'), undefined);
  assert.ok(read.verify(read.publicKey));
  assert.ok(read.checkIssued(read));
  assert.ok(read.checkPrivateKey(createPrivateKey(key)));
  assert.equal(Date.parse(read.validFrom), now - 3_600_000);
  assert.equal(Date.parse(read.validTo), now + 23 * 3_600_000);
  assert.notEqual(
    new X509Certificate(createCertificate({ now }).cert).serialNumber,
    read.serialNumber,
  );
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test('openssl verifies it', { skip: hasOpenssl ? false : 'needs openssl' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'squall-test-'));
  try {
    const file = join(folder, 'cert.pem');
    writeFileSync(file, createCertificate().cert);
    const args = ['verify', '-x509_strict', '-verify_ip', '127.0.0.1', '-CAfile', file, file];
    const { stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
    assert.equal(stdout.trim(), `${file}: OK`, stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
