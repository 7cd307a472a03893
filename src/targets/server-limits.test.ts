/** What servers allow, as clients meet it: on both kinds of server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { startTestHost } from '../../test/support/fleet.js';
import { openRaw } from '../../test/support/raw-call.js';
import { limitAge } from './server-limits.js';
import { SERVER_KINDS, targetsSchema } from './spec.js';

for (const server of SERVER_KINDS) {
  describe(server, () => {
    test('streams, the size of messages, and the age of connections', async () => {
      const specs = targetsSchema.parse({
        server,
        maxConcurrentStreams: 7,
        maxMessageSize: '1KiB',
        maxConnectionAge: '300ms',
      });
      await using fleet = await startTestHost({ specs });
      using session = openRaw(fleet.address);
      const goaway = once(session, 'goaway');
      await once(session, 'remoteSettings');
      assert.equal(session.remoteSettings.maxConcurrentStreams, 7);
      using client = createChatClient(fleet.address);
      assert.equal((await client.say('x'.repeat(900))).code, 0);
      assert.equal((await client.say('x'.repeat(1_100))).code, 8);
      assert.equal((await client.sayAll(['x'.repeat(900), 'x'.repeat(1_100)])).code, 8);
      const [code] = (await goaway) as [number];
      assert.equal(code, 0);
      // Whoever comes after that has a connection of its own.
      assert.equal((await client.say('again')).code, 0);
    });
  });
}

test('an age is a tenth more or less, and what outlasts the grace is cut off', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const told: string[] = [];
  const connection = { drain: () => told.push('drain'), destroy: () => told.push('destroy') };
  const limits = { connectionAgeNs: 1e9, connectionAgeGraceNs: 5e8 };
  limitAge(connection, limits, () => 0);
  context.mock.timers.tick(899);
  assert.deepEqual(told, []);
  context.mock.timers.tick(1);
  assert.deepEqual(told, ['drain']);
  context.mock.timers.tick(499);
  assert.deepEqual(told, ['drain']);
  context.mock.timers.tick(1);
  assert.deepEqual(told, ['drain', 'destroy']);
  const forget = limitAge(connection, limits, () => 0.5);
  forget();
  context.mock.timers.tick(2_000);
  assert.equal(told.length, 2);
});
