/**
 * What every driver makes of what can happen to a connection: GOAWAY in its forms, limits of streams,
 * a server that is gone and comes back. Like `driver.case.ts`, with a server whose frames are the
 * test's own.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { type Ended, startCall } from '../../test/support/call-witness.js';
import {
  goaway,
  type Script,
  type ScriptPeer,
  startScript,
  streamLimit,
} from '../../test/support/http2-script.js';
import { routeTo } from '../../test/support/route.js';
import { until } from '../../test/support/until.js';
import type { StatusName } from '../base/status.js';
import { ENHANCE_YOUR_CALM } from '../http2/error-code.js';
import { clientSchema } from './client-schema.js';
import { createDriver } from './create-driver.js';
import type { Driver } from './driver.js';
import type { ClientSpec } from './spec.js';

type DriverName = ClientSpec['driver'];

interface ConnectionCase {
  readonly name: string;
  /** What the server does with the requests of its first connection; later ones are answered. */
  readonly first: (peer: ScriptPeer, streamId: number) => void;
  readonly greeting?: readonly Uint8Array[];
  /** Calls that are started at once, and what each comes to. */
  readonly calls: readonly Outcome[];
  /** The connections that it takes. */
  readonly connections: number;
  /** What a driver makes of it otherwise, and why. */
  readonly deviation?: {
    readonly driver: DriverName;
    readonly calls: readonly Outcome[];
    readonly why: string;
  };
}

/** A status, and the kinds of attempts that led to it. */
type Outcome = readonly [StatusName, ...string[]];

const FIRST: Outcome = ['OK', 'first'];
const ELSEWHERE: Outcome = ['OK', 'first', 'transparent'];

const CASES: readonly ConnectionCase[] = [
  {
    name: 'GOAWAY with last stream 0: the call goes elsewhere, uncharged',
    first: (peer) => peer.send(goaway(0)),
    calls: [ELSEWHERE],
    connections: 2,
  },
  {
    name: 'GOAWAY in the middle: what is below finishes, what is above goes elsewhere',
    first: (peer, streamId) => {
      if (streamId !== 7) return;
      peer.send(goaway(3));
      peer.reply(3);
      peer.reply(1);
    },
    calls: [FIRST, FIRST, ELSEWHERE, ELSEWHERE],
    connections: 2,
  },
  {
    name: 'GOAWAY NO_ERROR, then the reply: the call finishes',
    first: (peer, streamId) => {
      peer.send(goaway(streamId));
      setImmediate(() => peer.reply(streamId));
    },
    calls: [FIRST],
    connections: 2,
  },
  {
    name: 'GOAWAY ENHANCE_YOUR_CALM, then the end: the call is lost, the next is not',
    first: (peer, streamId) => {
      peer.send(goaway(streamId, ENHANCE_YOUR_CALM, 'calm down'));
      peer.socket.end();
    },
    calls: [['UNAVAILABLE', 'first']],
    connections: 2,
    deviation: {
      driver: 'grpc-js',
      calls: [['RESOURCE_EXHAUSTED', 'first']],
      why: "node:http2 ends the stream with the GOAWAY's code, which it takes for a RST_STREAM's",
    },
  },
  {
    name: 'one stream at a time: five calls go one after another',
    greeting: [streamLimit(1)],
    first: oneAtATime(),
    calls: [FIRST, FIRST, FIRST, FIRST, FIRST],
    connections: 1,
  },
];

/** Answers in the next turn, and fails the connection when two streams are open at once. */
function oneAtATime() {
  let open = 0;
  return (peer: ScriptPeer, streamId: number) => {
    open++;
    if (open > 1) peer.socket.destroy();
    setImmediate(() => {
      open--;
      peer.reply(streamId);
    });
  };
}

/** Backoff that a test can wait for. */
const QUICK_BACKOFF = {
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 50,
};

function driverOf(driver: DriverName, address: string): Driver {
  return createDriver([address], clientSchema.parse({ driver, options: QUICK_BACKOFF }));
}

const outcomeOf = ({ status, attempts }: Ended): Outcome => [status, ...attempts];

/** Runs the table over a driver, and what is too long for a table. */
export function connectionCases(driver: DriverName): void {
  for (const one of CASES) {
    test(`${driver}: ${one.name}`, async () => {
      const script: Script = {
        ...(one.greeting && { greeting: one.greeting }),
        onRequest: (peer, streamId) =>
          peer.nth === 0 ? one.first(peer, streamId) : peer.reply(streamId),
      };
      await using server = await startScript(script);
      using client = driverOf(driver, server.address);
      await client.ready(5_000);
      const started = one.calls.map(() => startCall(client, 2_000));
      const ended = await Promise.all(started.map((call) => call.ended));
      const deviation = one.deviation?.driver === driver ? one.deviation : undefined;
      assert.deepEqual(
        ended.map(outcomeOf).toSorted(),
        (deviation?.calls ?? one.calls).toSorted(),
        deviation?.why,
      );
      // Whatever it was, the next call is answered, by one more connection at most.
      assert.deepEqual(outcomeOf(await startCall(client, 2_000).ended), FIRST);
      assert.equal(server.peers.length, one.connections);
    });
  }
  limitCases(driver);
  absenceCases(driver);
}

function limitCases(driver: DriverName): void {
  test(`${driver}: a limit lowered to 0 holds calls back until it is raised`, async () => {
    let isRaised = false;
    await using server = await startScript({
      onRequest(peer, streamId) {
        if (streamId === 1) peer.send(streamLimit(0));
        else assert.ok(isRaised, `stream ${streamId} came beyond the limit`);
        peer.reply(streamId);
      },
      onFrame(peer, type) {
        // The answer to our PING: what the client had to send before is here.
        if (type !== 6) return;
        isRaised = true;
        peer.send(streamLimit(10));
      },
    });
    using client = driverOf(driver, server.address);
    await client.ready(5_000);
    assert.deepEqual(outcomeOf(await startCall(client, 2_000).ended), FIRST);
    const held = [startCall(client, 2_000), startCall(client, 2_000)];
    await new Promise((resolve) => setImmediate(resolve));
    const ping = Buffer.concat([Buffer.of(0, 0, 8, 6, 0, 0, 0, 0, 0), Buffer.alloc(8)]);
    server.peers[0]?.send(ping);
    const ended = await Promise.all(held.map((call) => call.ended));
    assert.deepEqual(ended.map(outcomeOf), [FIRST, FIRST]);
    if (driver === 'wire')
      assert.deepEqual(
        ended.map(({ waiting }) => waiting),
        [1, 2],
      );
  });

  test(`${driver}: a call whose deadline passes while it waits is never sent`, async () => {
    await using server = await startScript({
      greeting: [streamLimit(1)],
      onRequest(peer, streamId) {
        if (streamId > 1) peer.reply(streamId);
      },
    });
    using client = driverOf(driver, server.address);
    await client.ready(5_000);
    const silent = startCall(client);
    const held = [startCall(client, 40), startCall(client, 40)];
    for (const { status, attempts } of await Promise.all(held.map((call) => call.ended))) {
      assert.equal(status, 'DEADLINE_EXCEEDED');
      // grpc-js hands calls to node:http2 to wait there, and takes that for an attempt.
      assert.deepEqual(attempts, driver === 'wire' ? [] : ['first']);
    }
    assert.deepEqual(server.peers[0]?.streams, [1]);
    silent.ticket.cancel();
    assert.equal((await silent.ended).status, 'CANCELLED');
    assert.deepEqual(outcomeOf(await startCall(client, 2_000).ended), FIRST);
    assert.equal(server.peers[0]?.streams.length, 2);
  });
}

function absenceCases(driver: DriverName): void {
  const answering: Script = { onRequest: (peer, streamId) => peer.reply(streamId) };

  /** Calls until one is OK. @returns the statuses of the others. */
  async function untilOk(client: Driver): Promise<Set<StatusName>> {
    const others = new Set<StatusName>();
    await until('a call that is OK', async () => {
      const { status } = await startCall(client, 2_000).ended;
      if (status !== 'OK') others.add(status);
      return status === 'OK';
    });
    return others;
  }

  test(`${driver}: a server killed under it, and back: UNAVAILABLE in between`, async () => {
    const server = await startScript(answering);
    using client = driverOf(driver, server.address);
    await client.ready(5_000);
    assert.deepEqual(outcomeOf(await startCall(client, 2_000).ended), FIRST);
    await server.stop();
    assert.equal((await startCall(client, 2_000).ended).status, 'UNAVAILABLE');
    assert.equal((await startCall(client, 2_000).ended).status, 'UNAVAILABLE');
    await using back = await startScript(answering, server.port);
    assert.ok([...(await untilOk(client))].every((status) => status === 'UNAVAILABLE'));
    assert.equal(back.peers.length, 1);
  });

  test(`${driver}: refused at first, connected when the server is there`, async () => {
    const port = await freePort();
    using client = driverOf(driver, await routeTo(port));
    const isReady = client.ready(5_000);
    assert.equal((await startCall(client, 2_000).ended).status, 'UNAVAILABLE');
    await using server = await startScript(answering, port);
    await isReady;
    assert.deepEqual(outcomeOf(await startCall(client, 2_000).ended), FIRST);
    assert.equal(server.peers.length, 1);
  });
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
