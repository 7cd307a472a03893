/** What the wire driver makes of what name resolution says, with real servers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type NumberedServers,
  STREAM,
  startServers,
  UNARY,
} from '../../../test/support/numbered-servers.js';
import { until } from '../../../test/support/until.js';
import { callAt, monotonicNowNs } from '../../base/clock.js';
import { type StatusName, statusName } from '../../base/status.js';
import type { CallChannel } from '../../calls/channel.js';
import { type CallOwner, CallTicket } from '../../calls/ticket.js';
import { clientSchema } from '../client-schema.js';
import { createDriver } from '../create-driver.js';
import { Discovery } from '../discovery.js';
import { backoffTimes } from './connection-backoff.js';
import { wireAddresses } from './wire-address.js';
import { WireCall } from './wire-call.js';
import { type EndpointContext, WireEndpoint } from './wire-endpoint.js';
import { WireRequests } from './wire-requests.js';
import { WireStream } from './wire-stream.js';

const ALL = ['b0', 'b1', 'b2'];
const ROUND = 6;
const NOTHING = Buffer.alloc(0);

let servers: NumberedServers;
before(async () => {
  servers = await startServers(3);
});
after(() => servers[Symbol.dispose]());

/** A call and where its attempts went. */
function callTo<Side>(start: (ticket: CallTicket) => Side) {
  const places: string[] = [];
  let end: (status: StatusName) => void = () => {};
  const ended = new Promise<StatusName>((resolve) => {
    end = resolve;
  });
  const owner: CallOwner = {
    now: monotonicNowNs,
    zeroNs: 0,
    hedges: false,
    callQueued() {},
    attemptStarted(_ticket, backend) {
      const known = servers.backends.find(({ address }) => address === backend);
      places.push(known?.name ?? backend);
    },
    attemptEnded() {},
    callEnded: (_ticket, code) => end(statusName(code)),
  };
  const ticket = new CallTicket(owner, 0, 0, 0);
  ticket.sentNs = monotonicNowNs();
  return { places, ended, side: start(ticket) };
}

async function lab(client: object = {}) {
  const discovery = new Discovery({
    backends: servers.backends,
    after: (ns, fire) => callAt(monotonicNowNs() + ns, fire),
    onSaid: () => {},
  });
  const lost: string[] = [];
  const spec = clientSchema.parse({ driver: 'wire', connections: 2, ...client });
  const addresses = servers.backends.map(({ address }) => address);
  const driver = createDriver(addresses, spec, {
    discovery,
    onConnectionLost: (address) => lost.push(address),
  });
  await driver.ready(5_000);
  const [channel] = driver.channels as readonly [CallChannel];
  const which = () => callTo((ticket) => channel.unary(UNARY, NOTHING, ticket, 5e9));
  return {
    discovery,
    driver,
    lost,
    which,
    /** The servers of so many calls at once, which all end OK. */
    async those(calls: number) {
      const all = Array.from({ length: calls }, which);
      const ends = await Promise.all(all.map(({ ended }) => ended));
      assert.deepEqual([...new Set(ends)], ['OK']);
      return [...new Set(all.flatMap(({ places }) => places))].toSorted();
    },
    stream() {
      let heard = 0;
      const { side, ...call } = callTo((ticket) =>
        channel.stream(STREAM, ticket, undefined, {}, () => heard++),
      );
      return {
        ...call,
        /** Says something, and waits for the answer. */
        async say() {
          const before = heard;
          side.write(NOTHING);
          await until('an answer', () => heard > before);
        },
        finish: () => side.finish(),
      };
    },
    [Symbol.dispose]() {
      driver[Symbol.dispose]();
      discovery[Symbol.dispose]();
    },
  };
}

test('calls go to those that are named; streams and connections to the others end in their time', async () => {
  using all = await lab();
  assert.deepEqual(await all.those(ROUND), ALL);
  const streams = ALL.map(() => all.stream());
  for (const stream of streams) await stream.say();
  assert.deepEqual(streams.flatMap(({ places }) => places).toSorted(), ALL);

  const undo = all.discovery.name(['b1', 'b2']);
  assert.deepEqual(await all.those(ROUND), ['b1', 'b2']);
  for (const stream of streams) await stream.say();
  undo();
  assert.deepEqual(await all.those(ROUND), ALL);
  for (const stream of streams) stream.finish();
  const ends = await Promise.all(streams.map(({ ended }) => ended));
  assert.deepEqual(ends, ['OK', 'OK', 'OK']);
  assert.deepEqual(all.lost, [], 'to leave is no loss');
});

test('an empty list ends new calls with UNAVAILABLE, and a list that is back takes them', async () => {
  using all = await lab();
  const stream = all.stream();
  await stream.say();
  const undo = all.discovery.name([]);
  const call = all.which();
  assert.equal(await call.ended, 'UNAVAILABLE');
  assert.deepEqual(call.places, []);
  await stream.say();
  undo();
  stream.finish();
  assert.equal(await stream.ended, 'OK');
  assert.deepEqual(await all.those(ROUND), ALL);
});

test('calls that wait for a place that is not named any more go elsewhere', async () => {
  using all = await lab();
  const only = all.discovery.name(['b0']);
  await all.those(1);
  // Its connections have yet to be made: what is sent in this turn waits for them.
  const other = all.discovery.name(['b1']);
  const waiting = all.which();
  const last = all.discovery.name(['b2']);
  assert.equal(await waiting.ended, 'OK');
  assert.deepEqual(waiting.places, ['b2']);
  for (const undo of [last, other, only]) undo();
  assert.deepEqual(await all.those(ROUND), ALL);
});

test('a failure changes nothing, and addresses of nobody fail no call', async () => {
  using all = await lab({ options: { 'grpc.initial_reconnect_backoff_ms': 100 } });
  const recover = all.discovery.fail(14, 'down');
  assert.deepEqual(await all.those(ROUND), ALL);
  recover();
  const thaw = all.discovery.freeze(2);
  assert.deepEqual(await all.those(2 * ROUND), ALL);
  thaw();
  assert.deepEqual(await all.those(ROUND), ALL);
});

test('whatever lists come, no call is lost, and no connection is left when the driver goes', async () => {
  using all = await lab();
  const calls: Promise<StatusName>[] = [];
  const streams = Array.from({ length: 6 }, () => all.stream());
  for (let list = 0; list < 20; list++) {
    const undo = all.discovery.name([ALL[list % 3] ?? '', ALL[(list + 1) % 3] ?? '']);
    calls.push(...Array.from({ length: 5 }, () => all.which().ended));
    await new Promise((resolve) => setImmediate(resolve));
    if (list % 2 === 0) undo();
  }
  assert.deepEqual([...new Set(await Promise.all(calls))], ['OK']);
  for (const stream of streams) await stream.say();
  for (const stream of streams) stream.finish();
  await Promise.all(streams.map(({ ended }) => ended));
  all.driver[Symbol.dispose]();
  await until('the end of all connections', () => servers.connections().open === 0);
});

test('an endpoint that is left is told to be gone once, when its last call has ended', async () => {
  const [b0] = servers.backends;
  const [address] = wireAddresses([b0?.address ?? ''], undefined);
  assert.ok(address);
  const context: EndpointContext = {
    connections: 2,
    times: backoffTimes({ channelOptions: {} }),
    keepalive: undefined,
    setup: {},
    numbering: { last: 0 },
    random: () => 0.5,
    waiting: { now: 0 },
    onLost: () => assert.fail('to leave is no loss'),
  };
  const requests = new WireRequests(clientSchema.parse({ driver: 'wire' }));
  const redispatch = () => assert.fail('no call goes elsewhere');
  const gone: string[] = [];
  const endpoint = new WireEndpoint(address, context, redispatch, () => {});
  await until('connections', () => endpoint.isReady);
  const { side, ended } = callTo((ticket) => {
    const call = new WireCall(ticket, requests.ofStream(STREAM, undefined, {}), () => {}, true);
    endpoint.dispatch(call);
    return new WireStream(call);
  });
  endpoint.leave(() => gone.push('first'));
  // The other connection is idle and ends at once; this one has a call.
  await until('one connection', () => servers.connections().open === 1);
  assert.equal(gone.length, 0);
  side.finish();
  assert.equal(await ended, 'OK');
  await until('the end', () => gone.length > 0);

  // One that has not become ready has nothing to wait for.
  const early = new WireEndpoint(address, context, redispatch, () => {});
  early.leave(() => gone.push('second'));
  await until('the end', () => gone.length > 1);
  early.close();
  await until('no connection', () => servers.connections().open === 0);
  assert.deepEqual(gone, ['first', 'second']);
});
