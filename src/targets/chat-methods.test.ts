import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTED_METHODS } from './chat-methods.js';
import { CHAT_SERVICE, loadProtos, serviceOf } from './protos.js';

test('the methods that faults know of are those of the contract', () => {
  const methods = Object.values(serviceOf(loadProtos(), CHAT_SERVICE));
  assert.deepEqual(
    HOSTED_METHODS,
    methods.map(({ path, responseStream }) => ({
      name: path.slice(1),
      replies: responseStream ? 'stream' : 'one',
    })),
  );
});
