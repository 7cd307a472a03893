/** What a worker tells of its connections: calls that waited for a stream, connections that were lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startScript, streamLimit } from '../../test/support/http2-script.js';
import { monotonicNowNs } from '../base/clock.js';
import { clientSchema } from '../drivers/client-schema.js';
import { startWorkerPool } from './pool.js';
import type { Snapshot, WorkerLoss } from './protocol.js';

test('a server with one stream and a short life: the record says what the calls met', async () => {
  let answered = 0;
  await using server = await startScript({
    greeting: [streamLimit(1)],
    onRequest(peer, streamId) {
      answered++;
      // The fiftieth is left alone, and its connection with it.
      if (answered === 50) peer.socket.end();
      else peer.reply(streamId);
    },
  });
  const durationNs = 300e6;
  const snapshots: Snapshot[] = [];
  const losses: WorkerLoss[] = [];
  await using pool = await startWorkerPool({
    tasks: [
      {
        worker: 0,
        workers: 1,
        seed: 7,
        intervalNs: 100e6,
        pacing: 'relaxed',
        durationNs,
        phases: [{ name: 'steady', fromNs: 0, toNs: durationNs, discard: false }],
        loads: [
          {
            name: 'say',
            call: { kind: 'unary', options: { messageSize: 32 } },
            arrivals: { kind: 'closed', options: 5 },
            inFlightMax: 100,
            deadlineNs: 2e9,
          },
        ],
        client: clientSchema.parse({ driver: 'wire' }),
        addresses: [server.address],
      },
    ],
    onSnapshot: (_worker, snapshot) => snapshots.push(snapshot),
    onConnectionLost: (_worker, lost) => losses.push(lost),
    onCrash: (_worker, reason) => assert.fail(reason),
  });
  pool.begin(monotonicNowNs());
  await pool.finished;
  const cells = snapshots.flatMap(({ calls }) => calls);
  const sum = (of: (cell: (typeof cells)[number]) => number | undefined) =>
    cells.reduce((total, cell) => total + (of(cell) ?? 0), 0);
  // Five at once over one stream: the first goes, the others wait, and each that ends is followed by
  // one that waits as well.
  assert.ok(sum(({ completed }) => completed) > 50);
  assert.ok(sum(({ queued }) => queued) >= sum(({ started }) => started) - 3);
  // All five while the connection is made anew, four otherwise.
  assert.ok([4, 5].includes(Math.max(...cells.map(({ queuedMax = 0 }) => queuedMax))));
  assert.equal(
    sum(({ byCode }) => byCode.UNAVAILABLE),
    1,
  );
  assert.deepEqual(
    losses.map(({ address, reason, count }) => [address, reason, count]),
    [[server.address, 'the peer closed the connection', 1]],
  );
  const [lost] = losses;
  assert.ok(lost && lost.atNs > 0 && lost.atNs < durationNs);
});
