/**
 * What every driver makes of what a server can do: one table, the same outcome for all. Where a driver
 * differs it says so here, with the reason: the table is the list of what is compatible.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWitness, type Ended, REQUEST } from '../../test/support/call-witness.js';
import {
  type Behaviour,
  framed,
  RST,
  reply,
  startHttp2Peer,
  trailersOnly,
} from '../../test/support/http2-peer.js';
import { STATUS_NAMES, type StatusName } from '../base/status.js';
import { SAY_METHOD } from '../calls/chat-codec.js';
import type { CallTicket } from '../calls/ticket.js';
import { clientSchema } from './client-schema.js';
import { createDriver } from './create-driver.js';
import type { ClientSpec } from './spec.js';

type DriverName = ClientSpec['driver'];

interface ServerCase {
  readonly name: string;
  readonly behave: Behaviour;
  /** How the call ends. */
  readonly status: StatusName;
  /** Kinds of attempts that were made; one first one unless told. */
  readonly attempts?: readonly string[];
  readonly deadlineMs?: number;
  /** A driver that ends it otherwise, and why. */
  readonly deviation?: {
    readonly driver: DriverName;
    readonly status: StatusName;
    readonly why: string;
  };
}

/** How grpc-js 1.14.7 ends a call otherwise. */
const grpcJs = (status: StatusName, why: string) => ({ driver: 'grpc-js', status, why }) as const;

const OK = '0';
const MIB = 1024 * 1024;

const CASES: readonly ServerCase[] = [
  { name: 'a reply', behave: (stream) => reply(stream, framed(3), OK), status: 'OK' },
  { name: 'an empty message', behave: (stream) => reply(stream, framed(0), OK), status: 'OK' },
  {
    name: 'a reply of 3 MiB',
    behave: (stream) => reply(stream, framed(3 * MIB), OK),
    status: 'OK',
  },
  {
    name: 'a reply beyond 4 MiB',
    behave: (stream) => reply(stream, framed(4 * MIB + 1), OK),
    status: 'RESOURCE_EXHAUSTED',
  },
  ...STATUS_NAMES.slice(1).map(
    (status, index): ServerCase => ({
      name: `trailers-only ${status}`,
      behave: (stream) => trailersOnly(stream, { 'grpc-status': String(index + 1) }),
      status,
    }),
  ),
  {
    name: 'an error after a message',
    behave: (stream) => reply(stream, framed(3), '9'),
    status: 'FAILED_PRECONDITION',
  },
  {
    name: 'OK without a message',
    behave: (stream) => reply(stream, Buffer.alloc(0), OK),
    status: 'UNIMPLEMENTED',
  },
  ...Object.entries({
    400: 'INTERNAL',
    401: 'UNAUTHENTICATED',
    403: 'PERMISSION_DENIED',
    404: 'UNIMPLEMENTED',
    429: 'UNAVAILABLE',
    502: 'UNAVAILABLE',
    503: 'UNAVAILABLE',
    504: 'UNAVAILABLE',
    500: 'UNKNOWN',
  } satisfies Record<number, StatusName>).map(
    ([httpStatus, status]): ServerCase => ({
      name: `HTTP ${httpStatus} without grpc-status`,
      behave: (stream) => stream.respond({ ':status': Number(httpStatus) }, { endStream: true }),
      status,
    }),
  ),
  ...(
    [
      ['NGHTTP2_INTERNAL_ERROR', 'INTERNAL'],
      ['NGHTTP2_CANCEL', 'CANCELLED'],
      ['NGHTTP2_ENHANCE_YOUR_CALM', 'RESOURCE_EXHAUSTED'],
      ['NGHTTP2_INADEQUATE_SECURITY', 'PERMISSION_DENIED'],
    ] as const
  ).map(
    ([code, status]): ServerCase => ({
      name: `RST_STREAM ${code}`,
      behave: (stream) => stream.close(RST[code]),
      status,
    }),
  ),
  {
    name: 'a stream refused once',
    behave: (stream, nth) =>
      nth === 0 ? stream.close(RST.NGHTTP2_REFUSED_STREAM) : reply(stream, framed(3), OK),
    status: 'OK',
    attempts: ['first', 'transparent'],
  },
  {
    name: 'a stream refused twice',
    behave: (stream) => stream.close(RST.NGHTTP2_REFUSED_STREAM),
    status: 'UNAVAILABLE',
    attempts: ['first', 'transparent'],
  },
  {
    name: 'a message cut short, and OK',
    behave: (stream) => reply(stream, framed(3, 0, 30), OK),
    status: 'INTERNAL',
    deviation: grpcJs(
      'UNIMPLEMENTED',
      'it does not look for octets left over, and finds no message',
    ),
  },
  {
    name: 'a message with a wrong flag',
    behave: (stream) => reply(stream, framed(3, 7), OK),
    status: 'INTERNAL',
    deviation: grpcJs(
      'OK',
      'it does not look at the flag beyond its last bit and the encoding named',
    ),
  },
  {
    name: 'two messages where one is due',
    behave: (stream) => reply(stream, Buffer.concat([framed(3), framed(3)]), OK),
    status: 'INTERNAL',
    deadlineMs: 200,
    deviation: grpcJs('DEADLINE_EXCEEDED', 'it never ends the call'),
  },
  {
    name: 'a compressed message that nobody asked for',
    behave: (stream) => reply(stream, framed(3, 1), OK),
    status: 'INTERNAL',
    deviation: grpcJs('UNKNOWN', 'its error for that has no code'),
  },
  {
    name: 'an end without trailers',
    behave: (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end(framed(3));
    },
    status: 'INTERNAL',
  },
  {
    name: 'a reply that is no gRPC',
    behave: (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<html>');
    },
    status: 'UNKNOWN',
    deviation: grpcJs('RESOURCE_EXHAUSTED', 'it reads the page as the length of a message'),
  },
  {
    name: 'silence until the deadline',
    behave: () => {},
    status: 'DEADLINE_EXCEEDED',
    deadlineMs: 60,
  },
  {
    name: 'the connection lost under the call',
    behave: (stream) => stream.session?.destroy(),
    status: 'UNAVAILABLE',
  },
];

/** Runs the table over a driver. */
export function driverCases(driver: DriverName): void {
  for (const one of CASES) {
    const deviation = one.deviation?.driver === driver ? one.deviation : undefined;
    test(`${driver}: ${one.name}`, async () => {
      await using peer = await startHttp2Peer(one.behave);
      const { status, attempts } = await callOnce(driver, peer.address, one.deadlineMs ?? 2_000);
      assert.equal(status, deviation?.status ?? one.status, deviation?.why);
      assert.deepEqual(attempts, one.attempts ?? ['first']);
    });
  }

  test(`${driver}: a call that we cancel ends as cancelled, and the server is told`, async () => {
    let told: () => void = () => {};
    const serverTold = new Promise<void>((resolve) => {
      told = resolve;
    });
    await using peer = await startHttp2Peer((stream) => {
      stream.on('close', told);
      cancel();
    });
    let cancel = () => {};
    const { status } = await callOnce(driver, peer.address, undefined, (ticket) => {
      cancel = () => ticket.cancel();
    });
    assert.equal(status, 'CANCELLED');
    await serverTold;
  });

  test(`${driver}: messages go both ways on a stream, in order, until both sides end`, async () => {
    await using peer = await startHttp2Peer((stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': OK }));
      stream.pipe(stream);
    });
    using client = createDriver([peer.address], clientSchema.parse({ driver }));
    await client.ready(5000);
    const witness = createWitness();
    const heard: string[] = [];
    const stream = client.channels[0]?.stream(
      '/chat.ChatService/Chat',
      witness.ticket,
      undefined,
      {},
      (bytes, start, end) => heard.push(`${end - start}:${bytes[start]}`),
    );
    // Beyond any window together: the echo only goes on while both sides take in.
    const sizes = [1, 70_000, 3, 900_000, 200_000, 5];
    for (const [index, size] of sizes.entries()) stream?.write(Buffer.alloc(size, index));
    stream?.finish();
    assert.equal((await witness.ended).status, 'OK');
    assert.deepEqual(
      heard,
      sizes.map((size, index) => `${size}:${index}`),
    );
    assert.equal(stream?.bufferedBytes, 0);
  });

  test(`${driver}: a stream that the server ends first is over for both`, async () => {
    let told: () => void = () => {};
    const serverTold = new Promise<void>((resolve) => {
      told = resolve;
    });
    await using peer = await startHttp2Peer((stream) => {
      stream.on('close', told);
      trailersOnly(stream, { 'grpc-status': '5' });
    });
    using client = createDriver([peer.address], clientSchema.parse({ driver }));
    await client.ready(5000);
    const witness = createWitness();
    client.channels[0]?.stream('/chat.ChatService/Chat', witness.ticket, undefined, {}, () => {});
    assert.equal((await witness.ended).status, 'NOT_FOUND');
    // Were our half left open, the stream would count against the server's limit for ever.
    await serverTold;
  });

  test(`${driver}: without a server, connecting fails with its address`, async () => {
    using client = createDriver(['127.0.0.1:1'], clientSchema.parse({ driver }));
    await assert.rejects(client.ready(300), /no connection to 127\.0\.0\.1:1 within 0\.3 s/);
  });
}

async function callOnce(
  driver: DriverName,
  address: string,
  deadlineMs?: number,
  onTicket: (ticket: CallTicket) => void = () => {},
): Promise<Ended> {
  using client = createDriver([address], clientSchema.parse({ driver }));
  await client.ready(5000);
  const { ticket, ended } = createWitness();
  const deadlineNs = deadlineMs === undefined ? undefined : deadlineMs * 1e6;
  client.channels[0]?.unary(SAY_METHOD, REQUEST, ticket, deadlineNs);
  onTicket(ticket);
  return await ended;
}
