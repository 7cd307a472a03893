/** A backend's chain around its faults, as a real client sees it and as the backend counts it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainSpecs } from '../../test/support/chains.js';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, faultWindow, startTestFleet } from '../../test/support/fleet.js';
import { sumStatusCounts } from '../analysis/status-counts.js';
import type { CallLogLine } from '../metrics/call-log.js';
import type { RecordLine } from '../metrics/record.js';

const CODE = { ok: 0, aborted: 10, unavailable: 14, unauthenticated: 16 };

const backend = (...items: unknown[]) => ({
  specs: [{ name: 'b0', port: 0, interceptors: chainSpecs(items, 'server') }],
});

test('the chain sees the statuses of faults and the time of service, and is counted outside', async () => {
  const lines: RecordLine[] = [];
  const logged: CallLogLine[] = [];
  const { specs } = backend(
    { logging: { share: '100%' } },
    { 'error-mapping': { from: 'UNAVAILABLE', to: 'ABORTED' } },
    'metrics',
  );
  const capacity = { slots: 1, queue: 9, serviceTime: { kind: 'fixed', ns: 30e6 } } as const;
  await using fleet = await startTestFleet({
    specs: specs.map((spec) => ({ ...spec, capacity })),
    faults: [faultWindow('rpc-abort', { code: 'UNAVAILABLE' }, { toNs: 1e9 })],
    sink: {
      write: (line) => void lines.push(line),
      log: (calls) => void logged.push(...calls),
    },
  });
  using client = createChatClient(fleet.address, { 'grpc.enable_retries': 0 });
  beginNow(fleet);
  const say = (ordinal: number, dueNs: number) => client.say('hi', { id: { ordinal, dueNs } });
  assert.equal((await say(0, 0)).code, CODE.aborted, 'hit, and mapped');
  assert.equal((await say(1, 1e9)).code, CODE.ok, 'due after the fault');
  assert.equal((await client.check('')).code, CODE.ok);
  await fleet.stop();

  const counts = lines.flatMap((line) => (line.type === 'target' ? [line.counts] : []));
  const answered = sumStatusCounts(counts.map(({ answeredByCode }) => answeredByCode));
  assert.deepEqual(answered, { OK: 1, ABORTED: 1 }, 'as they left, and health is not in it');
  const cells = counts.flatMap(({ interceptors = [] }) => interceptors);
  const seen = sumStatusCounts(cells.map(({ byCode }) => byCode));
  assert.deepEqual(seen, { OK: 1, UNAVAILABLE: 1 }, 'as the handler gave them');
  assert.ok(counts.every(({ cpuNs = -1 }) => cpuNs >= 0));
  assert.ok(counts.some(({ cpuNs = 0 }) => cpuNs > 0));

  assert.deepEqual(
    logged.map(({ side, by, call, status }) => [side, by, call, status]),
    [
      ['server', 'b0', 0, 'ABORTED'],
      ['server', 'b0', 1, 'OK'],
    ],
  );
  assert.ok((logged[1]?.tookUs ?? 0) >= 30_000, 'its service is in it');
});

test('auth: calls without the token are refused and counted, health is let by', async () => {
  await using fleet = await startTestFleet(backend({ auth: { token: 'secret' } }));
  using client = createChatClient(fleet.address);
  beginNow(fleet);
  assert.equal((await client.say('hi')).code, CODE.unauthenticated);
  assert.equal((await client.listen(1).status).code, CODE.unauthenticated);
  assert.equal((await client.check('')).code, CODE.ok);
  await fleet.stop();
  const { answeredByCode, receivedByPreviousAttempts, cancelled, messagesReceived } =
    fleet.totals();
  assert.deepEqual(answeredByCode, { UNAUTHENTICATED: 2 });
  assert.deepEqual(receivedByPreviousAttempts, { 0: 2 });
  assert.deepEqual([cancelled, messagesReceived], [0, 0]);
});

test('a call that its client gives up in the chain is counted as cancelled, once', async () => {
  await using fleet = await startTestFleet(backend({ delay: '10s' }));
  using client = createChatClient(fleet.address);
  beginNow(fleet);
  await client.say('hi', { deadlineMs: 100 });
  await fleet.stop();
  const { answeredByCode, cancelled, receivedByPreviousAttempts } = fleet.totals();
  assert.deepEqual(receivedByPreviousAttempts, { 0: 1 });
  assert.deepEqual([answeredByCode, cancelled], [{}, 1]);
});
