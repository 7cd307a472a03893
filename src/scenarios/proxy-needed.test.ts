import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultWindow } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import { loadScenario } from './load-scenario.js';
import { withoutProxy } from './proxy-needed.js';

const windowOf = (kind: string): FaultWindow => ({
  id: `storm/${kind}`,
  kind,
  phase: 'storm',
  fromNs: 0,
  toNs: 1,
  options: {},
});

test('every fault that only a proxy can play asks for one, and no other does', () => {
  const asking = Object.keys(faults).filter((kind) => withoutProxy(windowOf(kind), false).length);
  const tcp = Object.keys(faults).filter((kind) => kind.startsWith('tcp-'));
  assert.equal(tcp.length, 9);
  assert.deepEqual(
    tcp.filter((kind) => !asking.includes(kind)),
    [],
  );
  assert.ok(!asking.some((kind) => kind.startsWith('proc-') || kind.startsWith('health-')));
  assert.deepEqual(
    asking.flatMap((kind) => withoutProxy(windowOf(kind), true)),
    [],
  );
});

test('a scenario without a proxy is told so at the place of the fault', () => {
  const scenario = `name: storm
summary: Who minds?
load: [{ call: unary, arrivals: { poisson: 4/s } }]
phases: [{ name: storm, for: 4s, faults: [{ tcp-latency: { delay: 50ms, share: 10% } }] }]`;
  assert.throws(
    () => loadScenario('storm.yaml', scenario),
    /storm\.yaml:4:\d+.*tcp-latency needs a proxy/,
  );
});
