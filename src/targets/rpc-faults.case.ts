/**
 * Faults on calls as real clients see them, wherever they are put: both drivers, each fault with the
 * calls that carry its name in their metadata, so that one place has them all.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { connectDriver, type DriverClient } from '../../test/support/driver-client.js';
import { faultWindow } from '../../test/support/fleet.js';
import { until } from '../../test/support/until.js';
import type { StatusName } from '../base/status.js';
import type { CallMetadata } from '../calls/call-metadata.js';
import type { ClientSpec } from '../drivers/spec.js';
import type { FaultWindow } from '../faults/fault.js';
import type { faults } from '../faults/index.js';

type DriverName = ClientSpec['driver'];

/** A server, with faults put in or before it. */
export interface FaultPlace extends AsyncDisposable {
  readonly address: string;
  /** How often a fault has hit. */
  hitsOf(id: string): number;
}

/** A client with retries, where the driver has any: what may be retried is then seen. */
const CLIENTS: Readonly<Record<DriverName, object>> = {
  'grpc-js': {
    retryPolicy: {
      maxAttempts: 3,
      initialBackoff: '1ms',
      maxBackoff: '1ms',
      backoffMultiplier: 1,
      retryableStatusCodes: ['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'INTERNAL', 'UNIMPLEMENTED'],
    },
  },
  wire: {},
};
const DRIVERS = Object.keys(CLIENTS) as DriverName[];

const FIRST = ['first'];
const RETRIED = ['first', 'retry', 'retry'];

interface SayCase {
  readonly name: string;
  readonly fault: readonly [kind: keyof typeof faults, options: object];
  readonly status: StatusName;
  /** Of a client with a retry policy for the status; one attempt unless told. */
  readonly attempts?: readonly string[];
  /** A driver that ends it otherwise, and why. */
  readonly deviation?: { readonly driver: DriverName; readonly status: StatusName };
}

/** How one Say ends that a fault hits, always. */
const SAYS: readonly SayCase[] = [
  {
    name: 'trailers-only',
    fault: ['rpc-abort', { code: 'UNAVAILABLE' }],
    status: 'UNAVAILABLE',
    attempts: RETRIED,
  },
  {
    name: 'after-headers',
    fault: ['rpc-abort', { code: 'UNAVAILABLE', stage: 'after-headers' }],
    status: 'UNAVAILABLE',
  },
  {
    name: 'after-headers-and-pushback',
    fault: ['rpc-abort', { code: 'UNAVAILABLE', stage: 'after-headers', pushback: '0s' }],
    status: 'UNAVAILABLE',
  },
  {
    name: 'after-service-and-headers',
    fault: ['rpc-abort', { code: 'UNAVAILABLE', stage: 'after-headers', after: 'service' }],
    status: 'UNAVAILABLE',
  },
  {
    name: 'after-a-message',
    fault: ['rpc-abort', { code: 'UNAVAILABLE', stage: { 'after-messages': 1 } }],
    status: 'UNAVAILABLE',
  },
  {
    name: 'after-more-messages-than-there-are',
    fault: ['rpc-abort', { code: 'UNAVAILABLE', stage: { 'after-messages': 2 } }],
    status: 'OK',
  },
  {
    name: 'too-large',
    fault: ['rpc-oversize', { size: '5MiB' }],
    status: 'RESOURCE_EXHAUSTED',
  },
  {
    name: 'large',
    fault: ['rpc-oversize', { size: '3MiB' }],
    status: 'OK',
  },
  {
    name: 'cut',
    fault: ['rpc-corrupt', { what: 'prefix' }],
    status: 'INTERNAL',
    // It does not look for octets left over, and finds no message.
    deviation: { driver: 'grpc-js', status: 'UNIMPLEMENTED' },
  },
  {
    name: 'no-message',
    fault: ['rpc-corrupt', { what: 'message' }],
    status: 'INTERNAL',
  },
];

const ROUND_MS = 40;
/** Faults on streams, and on several calls. */
const OTHERS: readonly FaultWindow[] = [
  named('third', 'rpc-abort', { code: 'ABORTED', stage: { 'after-messages': 3 } }),
  named('paced', 'rpc-rate', { messages: `${1_000 / ROUND_MS}/s` }),
  named('twice', 'rpc-abort', { code: 'ABORTED' }, { count: 2 }),
  named('few', 'rpc-hang', {}, { maxActive: 2 }),
  named('octets', 'rpc-abort', { code: 'DATA_LOSS' }, { metadata: { 'trace-bin': 'AP8=' } }),
];

/** A fault on calls that carry its name. */
function named(
  name: string,
  kind: keyof typeof faults,
  options: object,
  changes: Partial<FaultWindow> = {},
): FaultWindow {
  return faultWindow(kind, options, { id: name, metadata: { fault: name }, ...changes });
}

/** @param name of the place. @param start puts faults there, which act from then on. */
export function rpcFaultCases(
  name: string,
  start: (faults: readonly FaultWindow[]) => Promise<FaultPlace>,
): void {
  describe(`faults by metadata on ${name}`, () => {
    let place: FaultPlace;
    const clients = new Map<DriverName, DriverClient>();
    const clientOf = (driver: DriverName) => clients.get(driver) ?? assert.fail();

    before(async () => {
      const says = SAYS.map(({ name, fault: [kind, options] }) => named(name, kind, options));
      place = await start([...says, ...OTHERS]);
      for (const driver of DRIVERS) {
        clients.set(driver, await connectDriver(place.address, { driver, ...CLIENTS[driver] }));
      }
    });
    after(async () => {
      for (const client of clients.values()) client[Symbol.dispose]();
      await place[Symbol.asyncDispose]();
    });

    for (const driver of DRIVERS) {
      for (const { name, status, attempts = FIRST, deviation } of SAYS) {
        test(`${driver}: ${name}`, async () => {
          const ended = await clientOf(driver).say({ fault: name });
          const expected = deviation?.driver === driver ? deviation.status : status;
          assert.deepEqual(ended, {
            status: expected,
            attempts: driver === 'wire' ? FIRST : attempts,
          });
        });
      }

      test(`${driver}: no metadata, no fault, and the connection is as good as before`, async () => {
        for (const metadata of [{}, { fault: 'Cut' }, { other: 'cut' }] as CallMetadata[]) {
          assert.deepEqual(await clientOf(driver).say(metadata), { status: 'OK', attempts: FIRST });
        }
      });

      test(`${driver}: a fault picks calls by octets, too`, async () => {
        const say = (octets: number[]) =>
          clientOf(driver).say({ 'trace-bin': Uint8Array.from(octets) });
        assert.equal((await say([0, 255])).status, 'DATA_LOSS');
        assert.equal((await say([0, 254])).status, 'OK');
      });

      test(`${driver}: a stream is aborted after its third message`, async () => {
        const room = `third-${driver}`;
        const { heardMs, ended } = clientOf(driver).listen(0, { room, fault: 'third' });
        await sayIn(room, 5);
        assert.deepEqual(await ended, { status: 'ABORTED', attempts: FIRST });
        assert.equal(heardMs.length, 3);
      });

      test(`${driver}: a stream with octets that are no message ends with INTERNAL`, async () => {
        const room = `broken-${driver}`;
        const { heardMs, ended } = clientOf(driver).listen(0, { room, fault: 'no-message' });
        await sayIn(room, 3);
        assert.deepEqual(await ended, { status: 'INTERNAL', attempts: FIRST });
        assert.equal(heardMs.length, 1);
      });

      test(`${driver}: messages of a stream keep to the rate, and none is lost`, async () => {
        const room = `paced-${driver}`;
        const messages = 4;
        const { heardMs, ended } = clientOf(driver).listen(messages, { room, fault: 'paced' });
        await sayIn(room, messages);
        assert.deepEqual(await ended, { status: 'OK', attempts: FIRST });
        assert.equal(heardMs.length, messages);
        // What a message was late by, the next is early by at most.
        const tookMs = (heardMs.at(-1) ?? 0) - (heardMs[0] ?? 0);
        assert.ok(tookMs >= (messages - 2) * ROUND_MS, `${tookMs} ms`);
      });
    }

    /** Says so many messages in a room, once somebody listens there. */
    async function sayIn(room: string, messages: number): Promise<void> {
      using client = createChatClient(place.address);
      const contents = Array.from({ length: messages }, (_, at) => `message ${at}`);
      await until('somebody listens', async () => {
        const { reply } = await client.say('first', { room });
        return reply?.delivered === 1;
      });
      assert.equal((await client.sayAll(contents.slice(1), { room })).code, 0);
    }

    test('count: so many attempts are hit, of whichever client', async () => {
      const statuses: StatusName[] = [];
      for (const driver of [...DRIVERS, ...DRIVERS]) {
        statuses.push((await clientOf(driver).say({ fault: 'twice' })).status);
      }
      assert.deepEqual(statuses, ['ABORTED', 'ABORTED', 'OK', 'OK']);
    });

    test('maxActive: so many hang at once, the next when one has given up', async () => {
      const say = (deadlineMs: number) => clientOf('grpc-js').say({ fault: 'few' }, deadlineMs);
      const hung = [say(150), say(150)];
      await until('both hang', () => place.hitsOf('few') === 2);
      assert.equal((await say(5_000)).status, 'OK', 'a third is served');
      for (const { status } of await Promise.all(hung)) assert.equal(status, 'DEADLINE_EXCEEDED');
      await until('the server has seen it', async () => (await say(50)).status !== 'OK');
    });

    test('a client that decodes: INTERNAL for no message, and a reply that is large is a reply', async () => {
      using client = createChatClient(place.address, { 'grpc.enable_retries': 0 });
      const broken = await client.say('hi', { metadata: { fault: 'no-message' } });
      assert.deepEqual([broken.code, broken.reply], [13, undefined]);
      const large = await client.say('hi', { metadata: { fault: 'large' } });
      assert.deepEqual([large.code, large.reply], [0, { delivered: 0 }]);
      const stream = client.chat({ metadata: { fault: 'no-message' }, room: 'broken' });
      await until('it is there', async () => {
        return (await client.say('x', { room: 'broken' })).reply?.delivered === 1;
      });
      assert.equal((await stream.status).code, 13);
    });
  });
}
