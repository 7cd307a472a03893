/** What the two sides of TLS say of each other: a client of a variant's that could never be taken. */
import type { WrittenClient } from '../drivers/client-schema.js';
import type { BackendSpec } from '../targets/spec.js';
import type { PlacedMistake } from './placed-mistake.js';

export function tlsMistakes({ tlsFiles }: WrittenClient, targets: readonly BackendSpec[]) {
  // All backends serve alike.
  const tls = targets[0]?.tls;
  const mistakes: PlacedMistake[] = [];
  if (tls === undefined) {
    if (tlsFiles !== undefined) {
      mistakes.push({
        path: ['client', 'tls'],
        message: 'client.tls: the targets serve in cleartext',
        hint: 'add tls: true to the targets',
      });
    }
  } else if (tls !== true && tls.clientAuthority && tlsFiles?.certificate === undefined) {
    mistakes.push({
      path: ['targets', 'tls', 'clientAuthority'],
      message: 'targets.tls.clientAuthority: the client has no certificate that this vouches for',
      hint: 'give client.tls a certificate and its key; certificate: false shows what comes of none',
    });
  }
  return mistakes;
}
