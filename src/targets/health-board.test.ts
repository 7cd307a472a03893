import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealthBoard } from './health-board.js';

function board() {
  const changes: string[] = [];
  const health = createHealthBoard(['', 'chat.ChatService'], (service, status) => {
    changes.push(`${service}=${status}`);
  });
  return { health, changes };
}

test('known services are SERVING and others are not known', () => {
  const { health } = board();
  assert.equal(health.statusOf(''), 'SERVING');
  assert.equal(health.statusOf('chat.ChatService'), 'SERVING');
  assert.equal(health.statusOf('other'), undefined);
});

test('the latest override counts, and they are taken away in any order', () => {
  const { health, changes } = board();
  const undoFirst = health.override('', 'NOT_SERVING');
  const undoSecond = health.override('', 'UNKNOWN');
  assert.equal(health.statusOf(''), 'UNKNOWN');
  undoFirst();
  assert.equal(health.statusOf(''), 'UNKNOWN', 'the first was not what counted');
  undoSecond();
  undoSecond();
  undoFirst();
  assert.equal(health.statusOf(''), 'SERVING');
  assert.equal(health.statusOf('chat.ChatService'), 'SERVING', 'each service has its own');
  assert.deepEqual(changes, ['=NOT_SERVING', '=UNKNOWN', '=SERVING']);
});

test('two equal overrides are two: taking one away leaves the other', () => {
  const { health, changes } = board();
  const undo = health.override('', 'NOT_SERVING');
  health.override('', 'NOT_SERVING');
  undo();
  assert.equal(health.statusOf(''), 'NOT_SERVING');
  assert.deepEqual(changes, ['=NOT_SERVING'], 'no change was told of where there was none');
});

test('an override makes a service known for as long as it lasts', () => {
  const { health, changes } = board();
  const undo = health.override('other', 'SERVING');
  assert.equal(health.statusOf('other'), 'SERVING');
  undo();
  assert.equal(health.statusOf('other'), undefined);
  assert.deepEqual(changes, ['other=SERVING', 'other=undefined']);
});

test('a watcher hears of its own service until it stops', () => {
  const { health } = board();
  let heard = 0;
  const stop = health.watch('', () => heard++);
  health.override('chat.ChatService', 'NOT_SERVING');
  assert.equal(heard, 0);
  const undo = health.override('', 'NOT_SERVING');
  assert.equal(heard, 1);
  stop();
  undo();
  assert.equal(heard, 1);
});
