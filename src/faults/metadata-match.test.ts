import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carries, type MetadataLookup, metadataMatch } from './metadata-match.js';

/** Looks up in what a call carries, as a server would. */
function lookup(entries: Readonly<Record<string, readonly string[]>>): MetadataLookup {
  return (key) => entries[key] ?? [];
}

test('an attempt must carry every entry, in any of its values', () => {
  const call = lookup({ tenant: ['red', 'blue'], tier: ['gold'] });
  assert.equal(carries({ tenant: 'blue' }, call), true);
  assert.equal(carries({ tenant: 'blue', tier: 'gold' }, call), true);
  assert.equal(carries({ tenant: 'blue', tier: 'silver' }, call), false);
  assert.equal(carries({ tenant: 'Blue' }, call), false);
  assert.equal(carries({ region: '' }, call), false, 'a key that did not come has no value');
});

test('octets are compared with padding or without, text as it is', () => {
  assert.equal(carries({ 'id-bin': 'AP8=' }, lookup({ 'id-bin': ['AP8'] })), true);
  assert.equal(carries({ 'id-bin': 'AP8' }, lookup({ 'id-bin': ['AP8='] })), true);
  assert.equal(carries({ id: 'AP8=' }, lookup({ id: ['AP8'] })), false);
});

test('keys that no call of ours can carry are refused', () => {
  const refused = (entries: object) => !metadataMatch().safeParse(entries).success;
  assert.equal(refused({ tenant: 'blue', 'id-bin': 'AP8' }), false);
  for (const wrong of [{}, { Tenant: 'x' }, { ':path': '/' }, { 'grpc-timeout': '1S' }, { a: 1 }]) {
    assert.equal(refused(wrong), true, JSON.stringify(wrong));
  }
});
