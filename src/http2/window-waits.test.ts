import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberFrame, settingsFrame } from '../../test/support/http2-frames.js';
import { createRawServer } from '../../test/support/http2-raw-peer.js';
import { WindowWaits } from './window-waits.js';

/** A client with streams whose windows are 10 octets, and what waits now. */
function counted(calls: number, windowBytes = 10) {
  const windowWaits = new WindowWaits();
  const peer = createRawServer(calls, { windowWaits }, {}, [[4, windowBytes]]);
  const waiting = () => [windowWaits.streams.waiting, windowWaits.connections.waiting];
  const times = () => {
    const { streams, connections } = windowWaits.take();
    return [streams.times, connections.times];
  };
  return {
    ...peer,
    waiting,
    times,
    say: (id: number, bytes: number) => {
      peer.connection.write(id, Buffer.alloc(bytes), false);
    },
  };
}

test('a stream waits when its window is at zero and there is more to send, not before', () => {
  const { say, send, waiting, times } = counted(2);
  say(1, 10);
  assert.deepEqual(waiting(), [0, 0], 'all was sent');
  say(1, 1);
  say(1, 1);
  say(3, 11);
  assert.deepEqual(waiting(), [2, 0]);
  send(numberFrame(8, 1, 1));
  assert.deepEqual(waiting(), [2, 0], 'one of two octets went, and it waits again');
  send(numberFrame(8, 1, 5));
  assert.deepEqual(waiting(), [1, 0]);
  assert.deepEqual(times(), [3, 0]);
  send(settingsFrame([4, 20]));
  assert.deepEqual([...waiting(), ...times()], [0, 0, 0, 0]);
});

test('a connection waits once, whatever its streams have to send, and they do not by themselves', () => {
  const { say, send, waiting, times } = counted(3, 100_000);
  say(1, 65_535);
  assert.deepEqual(waiting(), [0, 0]);
  for (const id of [1, 3, 5]) say(id, 10);
  assert.deepEqual(waiting(), [0, 1]);
  send(numberFrame(8, 0, 10));
  assert.deepEqual(waiting(), [0, 1], 'the first went, and its window is used up again');
  send(numberFrame(8, 0, 1_000));
  assert.deepEqual([...waiting(), ...times()], [0, 0, 0, 2]);
});

test('a stream that ends, and a connection that is lost, wait no longer', () => {
  const { say, connection, waiting } = counted(3);
  for (const id of [1, 3, 5]) say(id, 11);
  assert.deepEqual(waiting(), [3, 0]);
  connection.reset(1, 8);
  assert.deepEqual(waiting(), [2, 0]);
  connection.lost();
  assert.deepEqual(waiting(), [0, 0]);
  const other = counted(2, 100_000);
  other.say(1, 70_000);
  assert.deepEqual(other.waiting(), [0, 1]);
  other.connection.reset(1, 8);
  assert.deepEqual(other.waiting(), [0, 0], 'nobody has anything to send');
});
