/** What is grpc-js's own: its policies, seen attempt by attempt. The rest is in driver.case.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/support/until.js';
import { monotonicNowNs } from '../../base/clock.js';
import { statusName } from '../../base/status.js';
import { encodeChatMessage, SAY_METHOD } from '../../calls/chat-codec.js';
import { type CallOwner, CallTicket } from '../../calls/ticket.js';
import type { FaultWindow } from '../../faults/fault.js';
import { type Fleet, startFleet } from '../../targets/fleet.js';
import { clientSchema } from '../client-schema.js';
import { createGrpcJsDriver } from './grpc-js-driver.js';

const REQUEST = encodeChatMessage({ user: 'u', content: 'c', timestamp: 0 });
const SECOND_NS = 1e9;

/** Two backends with one fault on every call, acting from now on. */
async function fleetWith(kind?: string, options: unknown = {}): Promise<Fleet> {
  const fault: FaultWindow = {
    id: `all/${kind}`,
    kind: kind ?? '',
    phase: 'all',
    fromNs: 0,
    toNs: 3600e9,
    share: 1,
    options,
  };
  const fleet = await startFleet({
    specs: ['b0', 'b1'].map((name) => ({ name, port: 0 })),
    variant: 'test',
    seed: 1,
    faults: kind === undefined ? [] : [fault],
    intervalNs: SECOND_NS,
    sink: { write: () => {} },
    onLost: (backend, reason) => assert.fail(`${backend}: ${reason}`),
  });
  // Long past: whatever is due at 0 lies in the fault's window, and it is active when a call arrives.
  fleet.begin(monotonicNowNs() - SECOND_NS);
  return fleet;
}

/** Writes down all that a ticket's owner is told, and settles when the call has ended. */
function witness(hedges = false) {
  const told: string[] = [];
  const backends: string[] = [];
  let end: (told: string[]) => void = () => {};
  const ended = new Promise<string[]>((resolve) => {
    end = resolve;
  });
  const owner: CallOwner = {
    now: monotonicNowNs,
    zeroNs: 0,
    hedges,
    attemptStarted(_ticket, backend, kind) {
      backends.push(backend);
      told.push(kind);
    },
    attemptEnded(_ticket, _backend, code, durationNs) {
      assert.ok(durationNs > 0);
      told.push(statusName(code));
    },
    callEnded(_ticket, code) {
      told.push(`call ${statusName(code)}`);
      end(told);
    },
  };
  // Due in the middle of the window, whatever the time is.
  return { ticket: new CallTicket(owner, 0, SECOND_NS / 2, 0), ended, backends };
}

async function sayOnce(addresses: readonly string[], client: object) {
  const spec = clientSchema.parse(client);
  using driver = createGrpcJsDriver(addresses, spec);
  await driver.ready(5000);
  const { ticket, ended, backends } = witness('hedgingPolicy' in client);
  driver.channels[0]?.unary(SAY_METHOD, REQUEST, ticket, undefined);
  const told = await ended;
  // A hedge that lost may report its end after the call's; one turn later all have.
  await new Promise((resolve) => setImmediate(resolve));
  return { told, backends };
}

const addressesOf = (fleet: Fleet) => fleet.backends.map(({ address }) => address);

test('a call that succeeds is one attempt, on one of the backends', async () => {
  await using fleet = await fleetWith();
  const { told, backends } = await sayOnce(addressesOf(fleet), { balancer: 'round_robin' });
  assert.deepEqual(told, ['first', 'OK', 'call OK']);
  assert.ok(addressesOf(fleet).includes(backends[0] ?? ''), String(backends));
});

test('each retry of a policy is an attempt of its own, balanced like any other', async () => {
  await using fleet = await fleetWith('rpc-abort', {
    code: 'UNAVAILABLE',
    stage: 'trailers-only',
    message: 'x',
  });
  const no = 'UNAVAILABLE';
  // The first call may come while only one of the two connections is there.
  await until('both backends are used', async () => {
    const { told, backends } = await sayOnce(addressesOf(fleet), {
      balancer: 'round_robin',
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: '1ms',
        maxBackoff: '1ms',
        backoffMultiplier: 1,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    });
    assert.deepEqual(told, ['first', no, 'retry', no, 'retry', no, 'retry', no, `call ${no}`]);
    return new Set(backends).size === 2;
  });
});

test('hedges are told from retries, and the losers end as cancelled', async () => {
  await using fleet = await fleetWith('rpc-delay', { delay: { kind: 'fixed', ns: 400e6 } });
  const { told } = await sayOnce(addressesOf(fleet), {
    balancer: 'round_robin',
    hedgingPolicy: { maxAttempts: 3, hedgingDelay: '20ms' },
  });
  assert.deepEqual(told.slice(0, 3), ['first', 'hedge', 'hedge']);
  assert.deepEqual(told.slice(3).toSorted(), ['CANCELLED', 'CANCELLED', 'OK', 'call OK']);
});

test('hedges are not throttled, however many fail: what a client says of it is refused', async () => {
  await using fleet = await fleetWith('rpc-abort', {
    code: 'UNAVAILABLE',
    stage: 'trailers-only',
    message: 'x',
  });
  const parsed = clientSchema.parse({
    hedgingPolicy: { maxAttempts: 3, hedgingDelay: '0s', nonFatalStatusCodes: ['UNAVAILABLE'] },
  });
  const retryThrottling = { maxTokens: 2, tokenRatio: 0.1 };
  const spec = { ...parsed, serviceConfig: { ...parsed.serviceConfig, retryThrottling } };
  using driver = createGrpcJsDriver(addressesOf(fleet), spec);
  await driver.ready(5000);
  for (let call = 0; call < 4; call++) {
    const { ticket, ended } = witness(true);
    driver.channels[0]?.unary(SAY_METHOD, REQUEST, ticket, undefined);
    const told = await ended;
    assert.equal(told.filter((what) => what === 'hedge').length, 2, `call ${call}: ${told}`);
  }
});
