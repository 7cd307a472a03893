/** Replies under gzip, as clients get them that read it, and as those that do not. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createChatClient } from '../../test/support/chat-client.js';
import { connectDriver } from '../../test/support/driver-client.js';
import { faultWindow } from '../../test/support/fleet.js';
import { openRaw, rawCall } from '../../test/support/raw-call.js';
import { startTestTarget, type TestTarget } from '../../test/support/target.js';
import { until } from '../../test/support/until.js';
import { monotonicNowNs } from '../base/clock.js';
import { headerFields } from '../http2/header-field.js';
import { CHAT_SERVICE, loadProtos, serviceOf } from './protos.js';
import { takesGzip } from './reply-compression.js';
import { targetsSchema } from './spec.js';

const { Say } = serviceOf(loadProtos(), CHAT_SERVICE);
const [SPEC] = targetsSchema.parse({ server: 'wire', compression: 'gzip' });
const ACCEPT = { 'grpc-accept-encoding': 'identity, gzip' };

test('who reads gzip says so', () => {
  const says = (value: string) => takesGzip(headerFields([['grpc-accept-encoding', value]]));
  assert.deepEqual(['gzip', 'identity,deflate,gzip', 'identity, gzip'].map(says), [
    true,
    true,
    true,
  ]);
  assert.deepEqual(['', 'identity', 'gzipped', 'x-gzip'].map(says), [false, false, false, false]);
  assert.equal(takesGzip([]), false);
});

test('grpc-js servers cannot, and the schema says so', () => {
  const { error } = targetsSchema.safeParse({ compression: 'gzip' });
  assert.match(error?.issues[0]?.message ?? '', /grpc-js server cannot compress/);
  assert.deepEqual(error?.issues[0]?.path, ['compression']);
  const [plain] = targetsSchema.parse({ compression: 'identity' });
  assert.equal(plain?.compression, undefined);
});

const FAULTS = [
  faultWindow('rpc-corrupt', { what: 'prefix' }, { id: 'cut', metadata: { fault: 'cut' } }),
  faultWindow('rpc-corrupt', { what: 'message' }, { id: 'no', metadata: { fault: 'no' } }),
  faultWindow('rpc-oversize', { size: '5MiB' }, { id: 'big', metadata: { fault: 'big' } }),
];

describe('on the wire server', () => {
  let target: TestTarget;
  before(async () => {
    target = await startTestTarget(SPEC ?? {}, { faults: FAULTS });
    target.target.begin(monotonicNowNs(), 0, {});
  });
  after(() => target[Symbol.dispose]());

  test('a reply is under gzip for those who read it, whole or in pieces', async () => {
    using session = openRaw(target.address);
    const request = Buffer.from('00000000020a00', 'hex');
    const inPieces = [request.subarray(0, 3), request.subarray(3)];
    for (const body of [[request], [request], inPieces]) {
      const { fields, body: reply, grpcStatus } = await rawCall(session, { headers: ACCEPT, body });
      assert.equal(grpcStatus, 0);
      assert.equal(fields['grpc-encoding'], 'gzip');
      assert.equal(reply[0], 1);
      assert.equal(reply.readUInt32BE(1), reply.length - 5);
      const message = gunzipSync(reply.subarray(5));
      assert.deepEqual(Say?.responseDeserialize(message), { delivered: 0 });
      const plain = await rawCall(session, { body });
      assert.equal(plain.fields['grpc-encoding'], undefined);
      assert.deepEqual(plain.body.subarray(5), message);
    }
  });

  test('both drivers read them, streams too, and notice what a fault does to them', async () => {
    for (const driver of ['grpc-js', 'wire'] as const) {
      using client = await connectDriver(target.address, { driver, compression: 'gzip' });
      const statusOf = async (fault: string) => (await client.say({ fault })).status;
      assert.equal(await statusOf('none'), 'OK');
      assert.equal(await statusOf('no'), 'INTERNAL');
      assert.equal(await statusOf('big'), 'RESOURCE_EXHAUSTED');
      assert.equal(await statusOf('cut'), driver === 'wire' ? 'INTERNAL' : 'UNIMPLEMENTED');
      const { heardMs, ended } = client.listen(2, { room: driver });
      using speaker = createChatClient(target.address);
      await until('it listens', async () => {
        const { reply } = await speaker.say('first', { room: driver });
        return reply?.delivered === 1;
      });
      assert.equal((await speaker.say('x'.repeat(100_000), { room: driver })).reply?.delivered, 1);
      assert.equal((await ended).status, 'OK');
      assert.equal(heardMs.length, 2);
    }
  });

  test('health and reflection are under gzip as well', async () => {
    using client = createChatClient(target.address);
    assert.equal((await client.check('')).reply?.status, 'SERVING');
    using session = openRaw(target.address);
    const path = '/grpc.health.v1.Health/Check';
    const { body } = await rawCall(session, { path, headers: ACCEPT, body: [Buffer.alloc(5)] });
    assert.equal(body[0], 1);
    assert.equal(gunzipSync(body.subarray(5)).toString('hex'), '0801');
  });
});
