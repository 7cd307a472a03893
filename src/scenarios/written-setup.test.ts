/** What a variant is made of, on a line for each part, in the scenario's own words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writtenSetup } from './written-setup.js';

test('parts in the order of the way that a call takes, in flow style, whatever the order of the file', () => {
  const setup = writtenSetup({
    name: 'storm',
    load: [{ call: 'unary', arrivals: { poisson: '400/s' } }],
    client: { deadline: '500ms', balancer: { p2c: {} } },
    targets: { backends: 3 },
    phases: [],
  });
  assert.deepEqual(
    setup.map(({ part, text }) => `${part} ${text}`),
    [
      'targets { backends: 3 }',
      'client { deadline: 500ms, balancer: { p2c: {} } }',
      'load [ { call: unary, arrivals: { poisson: 400/s } } ]',
    ],
  );
});

test('secrets stay out of it, wherever they stand', () => {
  const auth = { auth: { token: 'hush' } };
  const metadata = { authorization: 'Bearer hush', 'x-api-key': 'hush', room: 'red' };
  const [client] = writtenSetup({ client: { interceptors: [auth], metadata } });
  assert.equal(
    client?.text,
    '{ interceptors: [ { auth: { token: … } } ], ' +
      'metadata: { authorization: …, x-api-key: …, room: red } }',
  );
});

test('what is no map has no parts', () => {
  for (const data of [undefined, 'storm', [1]]) assert.deepEqual(writtenSetup(data), []);
});
