/** How busy each backend was: by its slots and the length of the phase; nobody guesses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variantOf } from '../../test/support/analysed.js';
import {
  aLoadLine,
  aTargetLine,
  aVariant,
  aVariantEnd,
  okCalls,
  phasesOf,
  seconds,
} from '../../test/support/record-lines.js';
import type { BackendSpec } from '../targets/spec.js';

const capacity = (slots: number) => ({ slots, queue: 10, serviceTime: { kind: 'fixed', ns: 1e6 } });

test('service time over slots and time, of those that have slots and told', () => {
  const backends = [
    { name: 'b0', port: 0, capacity: capacity(1) },
    { name: 'b1', port: 0, capacity: capacity(4) },
    { name: 'b2', port: 0 },
    { name: 'b3', port: 0, capacity: capacity(1) },
    { name: 'silent', port: 0, capacity: capacity(1) },
  ];
  const phases = phasesOf(['calm', 1], ['storm', 2]);
  const found = variantOf(
    aVariant('v', { phases, backends: backends as BackendSpec[] }),
    aLoadLine('v', 1, { calls: [okCalls('storm', 10)] }),
    aTargetLine('v', 'b0', 0, { busyNs: seconds(0.1) }),
    aTargetLine('v', 'b0', 1, { busyNs: seconds(1) }),
    aTargetLine('v', 'b0', 2, { busyNs: seconds(0.5) }),
    aTargetLine('v', 'b1', 1, { busyNs: seconds(2) }),
    aTargetLine('v', 'b3', 1, { busyNs: seconds(2.1) }),
    aTargetLine('v', 'b2', 1, { busyNs: 0 }),
    aVariantEnd('v', 3),
  );
  const [, storm] = found.phases;
  assert.deepEqual(
    storm?.backends.map(({ name, utilisation }) => [name, utilisation]),
    [
      ['b0', 0.75],
      ['b1', 0.25],
      ['b2', undefined],
      ['b3', 1],
      ['silent', undefined],
    ],
  );
});
