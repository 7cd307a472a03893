/** Reflection as tools use it, by a real grpc-js client: both versions, on both kinds of server. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openReflection } from '../../test/support/reflection-client.js';
import { startTestTarget, type TestTarget } from '../../test/support/target.js';
import { CHAT_SERVICE, serviceOf } from './protos.js';
import { REFLECTION_VERSIONS } from './reflection.js';
import { SERVER_KINDS } from './spec.js';

const METHODS: Readonly<Record<string, readonly string[]>> = {
  [CHAT_SERVICE]: ['Chat', 'Listen', 'Say', 'SayAll'],
  'grpc.health.v1.Health': ['Check', 'List', 'Watch'],
  'xds.service.orca.v3.OpenRcaService': ['StreamCoreMetrics'],
  'grpc.reflection.v1.ServerReflection': ['ServerReflectionInfo'],
  'grpc.reflection.v1alpha.ServerReflection': ['ServerReflectionInfo'],
};

for (const server of SERVER_KINDS) {
  describe(`reflection on ${server}`, () => {
    let target: TestTarget;
    before(async () => {
      target = await startTestTarget({ server });
    });
    after(() => target[Symbol.dispose]());

    for (const version of REFLECTION_VERSIONS) {
      test(`${version} lists every service and describes each with all that it needs`, async () => {
        using reflection = openReflection(target.address, version);
        assert.deepEqual(await reflection.services(), Object.keys(METHODS).toSorted());
        for (const [service, methods] of Object.entries(METHODS)) {
          const definition = serviceOf(await reflection.definitionOf(service), service);
          assert.deepEqual(Object.keys(definition).toSorted(), methods, service);
        }
      });

      test(`${version}: what it describes is enough to call it`, async () => {
        using reflection = openReflection(target.address, version);
        const { Say } = serviceOf(await reflection.definitionOf(CHAT_SERVICE), CHAT_SERVICE);
        const request = Say?.requestSerialize({ user: 'ann', content: 'hi', timestamp: 1 });
        assert.deepEqual(request, Buffer.from('0a03616e6e120268691801', 'hex'));
      });

      test(`${version} finds what holds a name, and says what it does not know`, async () => {
        using reflection = openReflection(target.address, version);
        for (const symbol of ['chat.ChatMessage', 'chat.ChatService.Say']) {
          assert.ok((await reflection.definitionOf(symbol))['chat.ChatMessage'], symbol);
        }
        assert.ok((await reflection.definitionOfFile('chat.proto'))[CHAT_SERVICE]);
        await assert.rejects(reflection.definitionOf('chat.NoSuchService'), /^Error: 5: /);
      });
    }
  });
}
