import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, startTestFleet } from '../../test/support/fleet.js';
import { until } from '../../test/support/until.js';
import { SERVER_KINDS } from './spec.js';

const asItIs = (bytes: Buffer) => bytes;

for (const server of SERVER_KINDS) {
  describe(`on ${server}`, () => {
    for (const version of ['v1', 'v1alpha']) {
      test(`reflection ${version} lists the services`, async () => {
        await using fleet = await startTestFleet({ server });
        const client = new Client(fleet.address, credentials.createInsecure());
        const stream = client.makeBidiStreamRequest(
          `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
          asItIs,
          asItIs,
        );
        const answer = new Promise<Buffer>((resolve, reject) => {
          stream.on('data', resolve);
          stream.on('error', reject);
        });
        // ServerReflectionRequest { list_services: "" }: field 7, length-delimited, empty.
        stream.write(Buffer.from([0x3a, 0x00]));
        const names = (await answer).toString('latin1');
        assert.match(names, /chat\.ChatService/);
        assert.match(names, /grpc\.health\.v1\.Health/);
        stream.end();
        client.close();
      });
    }

    test("snapshots lie on the load clock's intervals and add up to all that was sent", async () => {
      await using fleet = await startTestFleet({ server, intervalNs: 50e6 });
      using client = createChatClient(fleet.address);
      beginNow(fleet);
      const calls = 30;
      const windows = () =>
        fleet.lines.flatMap((line) => (line.type === 'target' ? [[line.fromNs, line.toNs]] : []));
      for (let i = 0; i < calls; i++) await client.say('hello');
      await until('some intervals', () => windows().length >= 4);
      await fleet.stop();
      let expectedFromNs = 0;
      for (const [index, [fromNs = -1, toNs = -1]] of windows().entries()) {
        assert.equal(fromNs, expectedFromNs, 'intervals follow each other without a gap');
        const isLast = index === windows().length - 1;
        if (!isLast) assert.equal(toNs % 50e6, 0);
        assert.ok(toNs >= fromNs);
        expectedFromNs = toNs;
      }
      assert.deepEqual(fleet.totals().receivedByPreviousAttempts, { 0: calls });
      assert.deepEqual(fleet.totals().answeredByCode, { OK: calls });
    });
  });
}
