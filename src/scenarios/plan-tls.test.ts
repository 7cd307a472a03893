/** Certificates and keys that a scenario names: what is wrong with them, and what the plan has of them. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { temporaryFolder } from '../../test/support/squall.js';
import { UserError } from '../base/errors.js';
import { createCertificate } from '../targets/certificate.js';
import { loadScenario } from './load-scenario.js';

const CERTIFICATE = 'certificate: certs/own.pem';
const KEY = 'key: certs/own.key';

let folder: string;
const own = createCertificate();
const other = createCertificate();

before(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'certs'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  const files = {
    'own.pem': own.cert,
    'own.key': own.key,
    'other.pem': other.cert,
    'other.key': other.key,
    'both.pem': `${own.cert}and\n${other.cert}`,
    'text.pem': 'nothing of the kind\n',
    'broken.pem': own.cert.replace(/[A-Za-z0-9+/]{20}/, 'A'.repeat(20)),
    'locked.key': String(privateKey.export(locked)),
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, 'certs', name), text);
  }
});
after(() => rmSync(folder, { recursive: true }));

function load(targets: string, client = '{}') {
  const text = `name: secure
summary: Who may speak?
load: [{ call: unary, arrivals: { constant: 1/s } }]
phases: [{ name: calm, for: 1s }]
targets: { tls: ${targets} }
client: ${client}
`;
  return loadScenario(join(folder, 'secure.yaml'), text);
}

/** What a user is told, without the folder. */
function mistakesIn(targets: string, client?: string): string[] {
  try {
    load(targets, client);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message.replaceAll(`${folder}/`, '').split('\n');
  }
  return [];
}

test('files that are missing, no certificate, no key, or of others are refused at their place', () => {
  const cases: readonly (readonly [targets: string, place: string, message: RegExp])[] = [
    [`{ certificate: certs/none.pem, ${KEY} }`, 'certs/none', /cannot be read: ENOENT/],
    [`{ certificate: certs, ${KEY} }`, 'certs,', /certs cannot be read: it is no file/],
    [`{ certificate: certs/text.pem, ${KEY} }`, 'certs/text', /has no certificate in it/],
    [`{ certificate: certs/broken.pem, ${KEY} }`, 'certs/broken', /that is no certificate/],
    [`{ ${CERTIFICATE}, key: certs/own.pem }`, 'certs/own.pem }', /has no private key in it/],
    [`{ ${CERTIFICATE}, key: certs/locked.key }`, 'certs/locked', /is under a passphrase/],
    [
      `{ ${CERTIFICATE}, key: certs/other.key }`,
      'certs/other',
      /tls\.key: certs\/other\.key is not the key of certs\/own\.pem$/,
    ],
    [`{ ${CERTIFICATE} }`, 'certs/own', /a certificate goes with its key/],
    [`{ ${KEY} }`, 'certs/own', /a key goes with a certificate/],
    ['{ clients: perhaps }', 'perhaps', /clients: "perhaps" is not valid \(.*required/],
    ['{ certs: own.pem }', 'certs:', /unknown key "certs" in targets\.tls/],
    ['yes please', 'yes', /targets\.tls/],
  ];
  for (const [targets, place, message] of cases) {
    const mistakes = mistakesIn(targets);
    assert.equal(mistakes.length, 1, `${targets}: ${mistakes.join('; ')}`);
    assert.match(mistakes[0] ?? '', message);
    const column = `targets: { tls: ${targets} }`.indexOf(place) + 1;
    assert.ok(mistakes[0]?.startsWith(`secure.yaml:5:${column}: `), `${targets}: ${mistakes[0]}`);
  }
});

test('the client’s are looked at the same way, and must fit to the targets', () => {
  const told = (client: string, targets = 'true') => mistakesIn(targets, client).join('; ');
  assert.match(
    told('{ tls: { authority: certs/own.key } }'),
    /^secure\.yaml:6:29: .*no certificate/,
  );
  assert.match(
    told('{ tls: { certificate: certs/own.pem, key: certs/other.key } }'),
    /^secure\.yaml:6:51: client\.tls\.key: .* is not the key of/,
  );
  assert.match(told('{ tls: { certificate: false, key: certs/own.key } }'), /goes with a cert/);
  assert.match(told('{ tls: { serverName: 127.0.0.1 } }'), /^secure\.yaml:6:30: .*not an address$/);
  assert.match(
    told('{ tls: { authority: certs/own.pem } }', 'false'),
    /^secure\.yaml:6:16: client\.tls: the targets serve in cleartext \(/,
  );
  const asking = '{ clientAuthority: certs/other.pem }';
  assert.match(told('{}', asking), /^secure\.yaml:5:36: .*no certificate that this vouches for/);
  assert.match(told('{ deadline: 5 }', asking), /^[^;]*a duration needs a unit[^;]*$/);
  assert.equal(told('{ tls: { certificate: false } }', asking), '');
});

test('the plan has names and fingerprints, no keys, and not where the scenario is', () => {
  const pair = `${CERTIFICATE}, ${KEY}`;
  const plan = load(`{ ${pair}, clientAuthority: certs/both.pem }`, `{ tls: { ${pair} } }`);
  const [variant] = plan.variants;
  const sha256 = variant?.client.tlsFiles?.certificate;
  assert.match(JSON.stringify(sha256), /^\{"file":"certs\/own\.pem","sha256":"[0-9a-f]{64}"\}$/);
  assert.deepEqual(variant?.backends[0]?.tls, {
    certificate: sha256,
    key: { file: 'certs/own.key' },
    clients: 'required',
    clientAuthority: { ...Object(sha256), file: 'certs/both.pem' },
  });
  const text = JSON.stringify(plan);
  assert.ok(!text.includes('BEGIN') && !text.includes(folder));
  assert.equal(load('{}').variants[0]?.backends[0]?.tls !== undefined, true);
  assert.equal(load('false').variants[0]?.backends[0]?.tls, undefined);
});
