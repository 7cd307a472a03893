/** Loads of one-sided streams as a user runs them: processes, threads, faults and the record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  readLines,
  readSummary,
  scenarioFile,
  squall,
  temporaryFolder,
} from '../support/squall.js';

const STREAMS = `name: streams
summary: Rooms with listeners, and calls that say many messages, on both drivers.
interval: 250ms
workers: 1
client: { deadline: 2s }
load:
  - { name: rooms, call: server-stream, streams: 12, roomSize: 4, limit: 4, messages: { constant: 20/s } }
  - { name: batches, call: client-stream, arrivals: { constant: 40/s }, count: 25, messageSize: 1KiB }
phases:
  - { name: steady, for: 600ms }
  - { name: refused, for: 200ms, faults: [{ rpc-abort: { code: ABORTED, methods: [chat.ChatService/SayAll] } }] }
variants:
  grpc-js: {}
  wire: { client: { driver: wire }, targets: { server: wire } }
gates: ['count(offered){load:batches,phase:steady} == 24']
`;

test('server streams and client streams: every message is accounted for', async () => {
  const folder = temporaryFolder();
  const { exitCode, stderr } = await squall(scenarioFile(STREAMS), '--out', folder);
  assert.equal(exitCode, 0, stderr);
  const lines = readLines(folder);
  for (const { name, attempts, phases } of readSummary(folder).variants) {
    assert.ok(attempts.agree, `${name}: ${attempts.why}`);
    const [steady, refused] = phases;
    const callsOf = (load: string) => steady?.loads.find((one) => one.name === load)?.calls;
    // 24 calls of 25 messages; and three speakers with 12 messages each.
    assert.deepEqual(callsOf('batches')?.byCode, { OK: 24 });
    const rooms = callsOf('rooms');
    assert.deepEqual(Object.keys(rooms?.byCode ?? {}), ['OK'], name);
    // Three listeners a room, each followed by another after four messages.
    assert.ok((rooms?.started ?? 0) > 12, `${name}: ${rooms?.started}`);
    assert.deepEqual(refused?.loads.find((one) => one.name === 'batches')?.calls.byCode, {
      ABORTED: 8,
    });

    const cells = lines.flatMap((line) =>
      line.type === 'load' && line.variant === name ? line.streams : [],
    );
    const sum = (load: string, field: 'messagesOffered' | 'messagesSent' | 'messagesReceived') =>
      cells
        .filter((cell) => cell.load === load && cell.phase === 'steady')
        .reduce((total, cell) => total + cell[field], 0);
    assert.equal(sum('batches', 'messagesOffered'), 24 * 25, name);
    assert.equal(sum('batches', 'messagesSent'), 24 * 25, name);
    const said = sum('rooms', 'messagesSent');
    assert.ok(said >= 3 * 11 && said <= 3 * 12, `${name}: ${said}`);
    // Each is heard by three, but while one listener follows another.
    const heard = sum('rooms', 'messagesReceived');
    assert.ok(heard <= 3 * said && heard > 1.5 * said, `${name}: ${heard} of 3 × ${said}`);
  }
});
