/**
 * Faults on frames as real clients see them: what gRPC's specification says, and where a client differs.
 * The table is what docs/client-behaviour.md tells of.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectDriver, type DriverClient } from '../../test/support/driver-client.js';
import { faultWindow, startTestFleet, type TestFleet } from '../../test/support/fleet.js';
import { startTestProxy, type TestProxy } from '../../test/support/proxy.js';
import type { StatusName } from '../base/status.js';
import type { ClientSpec } from '../drivers/spec.js';
import type { faults } from '../faults/index.js';

type DriverName = ClientSpec['driver'];

interface Seen {
  readonly status: StatusName;
  /** Kinds of attempts; one first one unless told. */
  readonly attempts?: readonly string[];
}

interface FrameCase extends Seen {
  readonly name: string;
  readonly fault: readonly [kind: keyof typeof faults, options: object];
  /** A driver that ends it otherwise, and why. */
  readonly deviation?: Seen & { readonly driver: DriverName; readonly why: string };
}

const FIRST = ['first'];
const TRANSPARENT = ['first', 'transparent'];

const rst = (code: string, status: StatusName, attempts = FIRST): FrameCase => ({
  name: `rst-${code}`,
  fault: ['h2-rst', { code }],
  status,
  attempts,
});
const http = (code: number, status: StatusName): FrameCase => ({
  name: `http-${code}`,
  fault: ['h2-http-status', { status: code }],
  status,
});

const CASES: readonly FrameCase[] = [
  rst('NO_ERROR', 'INTERNAL'),
  rst('PROTOCOL_ERROR', 'INTERNAL'),
  rst('INTERNAL_ERROR', 'INTERNAL'),
  rst('FLOW_CONTROL_ERROR', 'INTERNAL'),
  rst('REFUSED_STREAM', 'UNAVAILABLE', TRANSPARENT),
  rst('CANCEL', 'CANCELLED'),
  rst('ENHANCE_YOUR_CALM', 'RESOURCE_EXHAUSTED'),
  rst('INADEQUATE_SECURITY', 'PERMISSION_DENIED'),
  {
    name: 'rst-in-place-of-headers',
    fault: ['h2-rst', { code: 'CANCEL', when: 'headers' }],
    status: 'CANCELLED',
  },
  {
    name: 'rst-after-headers',
    fault: ['h2-rst', { code: 'REFUSED_STREAM', when: 'after-headers' }],
    status: 'UNAVAILABLE',
  },
  {
    name: 'rst-after-a-message',
    fault: ['h2-rst', { code: 'INTERNAL_ERROR', when: { 'after-messages': 1 } }],
    status: 'INTERNAL',
  },
  {
    name: 'rst-in-place-of-trailers',
    fault: ['h2-rst', { code: 'INTERNAL_ERROR', when: 'trailers' }],
    status: 'INTERNAL',
  },
  { name: 'no-trailers', fault: ['h2-no-trailers', {}], status: 'INTERNAL' },
  { name: 'truncated', fault: ['h2-truncate', {}], status: 'INTERNAL' },
  http(200, 'UNKNOWN'),
  http(400, 'INTERNAL'),
  http(401, 'UNAUTHENTICATED'),
  http(403, 'PERMISSION_DENIED'),
  http(404, 'UNIMPLEMENTED'),
  http(429, 'UNAVAILABLE'),
  http(500, 'UNKNOWN'),
  http(502, 'UNAVAILABLE'),
  http(503, 'UNAVAILABLE'),
  http(504, 'UNAVAILABLE'),
  { name: 'reply-lost', fault: ['rpc-drop', {}], status: 'UNIMPLEMENTED' },
  { name: 'request-lost', fault: ['rpc-drop', { direction: 'up' }], status: 'UNIMPLEMENTED' },
  {
    name: 'reply-doubled',
    fault: ['rpc-duplicate', {}],
    status: 'INTERNAL',
    deviation: {
      driver: 'grpc-js',
      status: 'DEADLINE_EXCEEDED',
      why: 'reads no further after a second message, and never comes to the trailers',
    },
  },
  {
    name: 'request-doubled',
    fault: ['rpc-duplicate', { direction: 'up' }],
    status: 'UNIMPLEMENTED',
  },
];

describe('faults on frames', () => {
  let fleet: TestFleet;
  let proxy: TestProxy;
  const clients = new Map<DriverName, DriverClient>();

  before(async () => {
    fleet = await startTestFleet({ server: 'wire' });
    proxy = await startTestProxy(fleet.address);
    for (const { name, fault } of CASES) {
      const [kind, options] = fault;
      proxy.faults.add(faultWindow(kind, options, { id: name, metadata: { fault: name } }));
    }
    for (const driver of ['grpc-js', 'wire'] as const) {
      clients.set(driver, await connectDriver(proxy.address, { driver }));
    }
  });
  after(async () => {
    for (const client of clients.values()) client[Symbol.dispose]();
    proxy.close();
    await fleet[Symbol.asyncDispose]();
  });

  for (const driver of ['grpc-js', 'wire'] as const) {
    for (const { name, status, attempts = FIRST, deviation } of CASES) {
      test(`${driver}: ${name}`, async () => {
        const ended = await (clients.get(driver) ?? assert.fail()).say({ fault: name }, 500);
        const expected = deviation?.driver === driver ? deviation : { status, attempts };
        assert.deepEqual(ended, {
          status: expected.status,
          attempts: expected.attempts ?? attempts,
        });
      });
    }

    test(`${driver}: the connection outlives all of it`, async () => {
      const client = clients.get(driver) ?? assert.fail();
      assert.deepEqual(await client.say({}), { status: 'OK', attempts: FIRST });
      assert.equal(proxy.counters.connectionsAccepted, 2);
    });
  }
});
