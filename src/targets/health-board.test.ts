import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealthBoard } from './health-board.js';
import { HEALTH_NAMES } from './health-names.js';
import { CHAT_SERVICE, loadProtos, serviceOf } from './protos.js';

function board(known = ['', 'chat.ChatService']) {
  const changes: string[] = [];
  const health = createHealthBoard(known, ({ names, status, why }) => {
    changes.push(`${names.join('+')}=${status}${why === undefined ? '' : ` ${why}`}`);
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

test('the names are those of proto/chat.proto, every method among them', () => {
  const methods = Object.keys(serviceOf(loadProtos(), CHAT_SERVICE)).map(
    (method) => `${CHAT_SERVICE}/${method}`,
  );
  assert.deepEqual([...HEALTH_NAMES].sort(), ['', CHAT_SERVICE, ...methods].sort());
});

test('a method follows its service until something is said of it alone', () => {
  const { health, changes } = board(['', 'a.B', 'a.B/C', 'a.B/D']);
  const undoService = health.override('a.B', 'NOT_SERVING');
  assert.equal(health.statusOf('a.B/C'), 'NOT_SERVING');
  assert.equal(health.statusOf('a.B/E'), undefined, 'a method that nobody knows');
  assert.equal(health.statusOf(''), 'SERVING');
  const undoMethod = health.override('a.B/C', 'UNKNOWN');
  undoService();
  assert.deepEqual(['a.B', 'a.B/C', 'a.B/D'].map(health.statusOf), [
    'SERVING',
    'UNKNOWN',
    'SERVING',
  ]);
  undoMethod();
  assert.deepEqual(changes, [
    'a.B+a.B/C+a.B/D=NOT_SERVING',
    'a.B/C=UNKNOWN',
    'a.B+a.B/D=SERVING',
    'a.B/C=SERVING',
  ]);
});

test('of checks the worst finding counts, and a fault counts before them all', () => {
  const { health, changes } = board();
  const both = ['', 'chat.ChatService'];
  const first = health.addCheck(both, 'SERVING');
  const second = health.addCheck([''], 'UNKNOWN');
  assert.deepEqual(both.map(health.statusOf), ['UNKNOWN', 'SERVING']);
  first('NOT_SERVING', 'slow');
  second('SERVING', 'found');
  assert.deepEqual(both.map(health.statusOf), ['NOT_SERVING', 'NOT_SERVING']);
  const undo = health.override('', 'SERVING');
  first('SERVING', 'fast');
  undo();
  assert.deepEqual(changes, [
    '+chat.ChatService=NOT_SERVING slow',
    '=SERVING',
    'chat.ChatService=SERVING fast',
  ]);
});

test('names that change to different statuses at once are told of apart', () => {
  const { health, changes } = board(['', 'a.B', 'a.B/C']);
  const check = health.addCheck(['a.B/C'], 'SERVING');
  const undo = health.override('a.B', 'UNKNOWN');
  check('NOT_SERVING', 'full');
  assert.equal(health.statusOf('a.B/C'), 'UNKNOWN', 'the fault has the last word');
  undo();
  assert.deepEqual(changes, ['a.B+a.B/C=UNKNOWN', 'a.B=SERVING', 'a.B/C=NOT_SERVING']);
});
