/** What `squall proxy` makes of its options: settings, or every mistake at once. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scenarioFile, temporaryFolder } from '../../test/support/squall.js';
import { UserError } from '../base/errors.js';
import { createCertificate } from '../targets/certificate.js';
import { type ProxyArguments, proxySettings } from './proxy-options.js';

const GIVEN: ProxyArguments = {
  listen: '127.0.0.1:0',
  upstream: ['127.0.0.1:50051'],
  balance: undefined,
  faults: undefined,
  control: undefined,
  token: undefined,
  seed: 1,
  passThrough: false,
  listenTls: false,
  listenCert: undefined,
  listenKey: undefined,
  saveCert: undefined,
  upstreamTls: false,
  upstreamCa: undefined,
  upstreamName: undefined,
};

const settings = (given: Partial<ProxyArguments>) => proxySettings({ ...GIVEN, ...given });

function mistakes(given: Partial<ProxyArguments>): string[] {
  try {
    settings(given);
  } catch (error) {
    if (error instanceof UserError) return error.message.split('\n');
    throw error;
  }
  return [];
}

/** A file of a folder that the system tidies. */
function fileOf(text: string): string {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, text);
  return path;
}

test('addresses: hosts, ports of loopback, IPv6', () => {
  const table = [
    ['127.0.0.1:9000', { host: '127.0.0.1', port: 9000 }],
    ['9000', { host: '127.0.0.1', port: 9000 }],
    [':9000', undefined],
    ['[::1]:9000', { host: '::1', port: 9000 }],
    ['chat.example.org:443', { host: 'chat.example.org', port: 443 }],
    ['::1:9000', undefined],
    ['chat', undefined],
    ['a:65536', undefined],
    ['a:-1', undefined],
    ['http://a:1', undefined],
    ['', undefined],
  ] as const;
  for (const [text, expected] of table) {
    if (expected !== undefined) assert.deepEqual(settings({ listen: text }).listen, expected);
    else assert.match(mistakes({ listen: text })[0] ?? '', /^--listen .*expected host:port/, text);
  }
  assert.match(mistakes({ upstream: ['a:0'] })[0] ?? '', /the port from 1/);
  assert.match(mistakes({ upstream: ['a:1', 'b:1'] })[0] ?? '', /stands before one server/);
  const both = settings({ upstream: ['a:1', 'b:1'], balance: 'round_robin' });
  assert.deepEqual(both.upstreams, [
    { host: 'a', port: 1 },
    { host: 'b', port: 1 },
  ]);
  const passing = { balance: 'round_robin', passThrough: true } as const;
  assert.match(mistakes(passing)[0] ?? '', /^--balance: spreads calls/);
});

test('TLS: a pair of files, or one made for the run; names for the server, and none for addresses', () => {
  const { cert, key } = createCertificate();
  const [certFile, keyFile] = [fileOf(cert), fileOf(key)];
  const own = settings({ listenCert: certFile, listenKey: keyFile }).certificate;
  assert.deepEqual(own, { cert, key });
  assert.match(settings({ listenTls: true }).certificate?.cert ?? '', /BEGIN CERTIFICATE/);
  assert.equal(settings({}).certificate, undefined);
  const servername = (given: Partial<ProxyArguments>) =>
    settings({ upstreamTls: true, ...given }).upstreams[0]?.tls?.servername;
  assert.equal(servername({ upstreamCa: certFile }), undefined);
  assert.equal(servername({ upstream: ['chat.example.org:443'] }), 'chat.example.org');
  assert.equal(servername({ upstreamName: 'other.example.org' }), 'other.example.org');
  const wrong: readonly (readonly [Partial<ProxyArguments>, RegExp])[] = [
    [{ listenCert: certFile }, /^--listen-cert: has a meaning with --listen-key only/],
    [{ listenKey: keyFile }, /^--listen-key: has a meaning with --listen-cert only/],
    [{ listenCert: keyFile, listenKey: keyFile }, /^--listen-cert \S+: cannot be read: .*PEM/],
    [{ listenCert: '/none', listenKey: keyFile }, /^--listen-cert \/none: cannot be read: ENOENT/],
    [{ saveCert: 'x.pem' }, /^--save-cert: has a meaning with --listen-tls only/],
    [{ upstreamCa: certFile }, /^--upstream-ca: has a meaning with --upstream-tls only/],
    [{ passThrough: true, upstreamTls: true }, /^--pass-through: .*neither ends nor begins/],
    [{ upstreamName: 'a' }, /^--upstream-name: has a meaning with --upstream-tls only/],
  ];
  for (const [given, pattern] of wrong) assert.match(mistakes(given)[0] ?? '', pattern);
});

test('a token from the option or the environment, and none without control', () => {
  const { env } = process;
  env['SQUALL_PROXY_TOKEN'] = 'from-environment';
  try {
    assert.equal(settings({ control: '9001' }).token, 'from-environment');
    assert.equal(settings({ control: '9001', token: 'given' }).token, 'given');
    assert.equal(settings({}).token, undefined);
    assert.match(mistakes({ control: '9001', token: '' })[0] ?? '', /^--token: .*printable/);
    env['SQUALL_PROXY_TOKEN'] = '';
    assert.match(mistakes({ control: '9001' })[0] ?? '', /^SQUALL_PROXY_TOKEN: .*printable/);
  } finally {
    delete env['SQUALL_PROXY_TOKEN'];
  }
});

test('mistakes in options and in the file of faults, all at once', () => {
  const faults = scenarioFile('faults:\n  - rpc-abort: { code: NONE }\n  - proc-crash: {}\n');
  const found = mistakes({
    listen: '9000x',
    upstream: ['127.0.0.1:70000'],
    faults,
    listenCert: '/nowhere.pem',
    token: 'x',
    seed: -1,
  });
  const expected = [
    /^--listen 9000x: expected host:port/,
    /^--upstream 127\.0\.0\.1:70000: expected host:port, the port from 1/,
    /^--listen-cert: has a meaning with --listen-key only/,
    /^--token: has a meaning with --control only/,
    /scenario\.yaml:2:24: rpc-abort\.code: "NONE" is not valid/,
    /scenario\.yaml:3:5: proc-crash acts on a server's process/,
    /^--seed: expected a whole number/,
  ];
  assert.equal(found.length, expected.length, found.join('\n'));
  for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
  assert.match(mistakes({ faults: '/none.yaml' })[0] ?? '', /^--faults \/none\.yaml: cannot be/);
});
