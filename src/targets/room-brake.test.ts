import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRoomBrake, NO_BRAKE } from './room-brake.js';

/** A brake, what it counted, and senders that write down what is done to them. */
function braked() {
  const told: string[] = [];
  let waiting = 0;
  const brake = createRoomBrake({
    senderStopped: () => void waiting++,
    senderFreed: () => void waiting--,
  });
  const sender = (name: string, onResume: () => void = () => {}) => ({
    pauseReading: () => void told.push(`${name} stops`),
    resumeReading() {
      told.push(`${name} goes on`);
      onResume();
    },
  });
  /** What was told since it was last asked. */
  const since = () => told.splice(0);
  return { brake, sender, since, waiting: () => waiting };
}

test('all senders of a room stop while one outbox is full, and nobody else', () => {
  const { brake, sender, since, waiting } = braked();
  brake.enter('a', sender('ann'));
  brake.enter('b', sender('bob'));
  brake.stop('a');
  brake.stop('a');
  brake.enter('a', sender('late'));
  assert.deepEqual(since(), ['ann stops', 'late stops']);
  assert.equal(waiting(), 2);
  brake.free('a');
  assert.deepEqual(since(), [], 'another is full');
  brake.free('a');
  assert.deepEqual(since(), ['ann goes on', 'late goes on']);
  assert.equal(waiting(), 0);
});

test('who goes on may fill an outbox again: the rest stay, and go first the next time', () => {
  const { brake, sender, since, waiting } = braked();
  brake.enter(
    'a',
    sender('one', () => brake.stop('a')),
  );
  brake.enter('a', sender('two'));
  brake.stop('a');
  since();
  brake.free('a');
  assert.deepEqual(since(), ['one goes on', 'one stops']);
  assert.equal(waiting(), 2);
  brake.free('a');
  assert.deepEqual(since(), ['two goes on', 'one goes on', 'two stops', 'one stops']);
});

test('a sender that leaves is not waited for, nor told', () => {
  const { brake, sender, since, waiting } = braked();
  const leave = brake.enter('a', sender('ann'));
  brake.stop('a');
  since();
  leave();
  leave();
  assert.equal(waiting(), 0);
  brake.free('a');
  assert.deepEqual(since(), []);
});

test('a Say waits for its room, in turn, and can be forgotten', () => {
  const { brake, since, waiting } = braked();
  const said: string[] = [];
  brake.whenFree('a', () => said.push('at once'));
  brake.stop('a');
  brake.whenFree('a', () => said.push('first'));
  const forget = brake.whenFree('a', () => said.push('never'));
  brake.whenFree('b', () => said.push('elsewhere'));
  brake.whenFree('a', () => said.push('last'));
  assert.deepEqual(said, ['at once', 'elsewhere']);
  assert.equal(waiting(), 3);
  forget();
  forget();
  brake.free('a');
  assert.deepEqual(said, ['at once', 'elsewhere', 'first', 'last']);
  assert.equal(waiting(), 0);
  assert.deepEqual(since(), []);
});

test('without the policy nobody waits', () => {
  const said: string[] = [];
  NO_BRAKE.stop('a');
  NO_BRAKE.whenFree('a', () => said.push('now'));
  assert.deepEqual(said, ['now']);
});
