import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRooms } from './rooms.js';

const createTextRooms = () => createRooms<Buffer>();

function listener() {
  const heard: string[] = [];
  return { heard, receive: (message: Buffer) => void heard.push(String(message)) };
}

test('a message goes to the members of its room, but not to its sender', () => {
  const rooms = createTextRooms();
  const [ann, bob, cy] = [listener(), listener(), listener()];
  const seat = rooms.join('lobby', ann);
  rooms.join('lobby', bob);
  rooms.join('attic', cy);
  assert.equal(seat.say(Buffer.from('from ann')), 1);
  assert.equal(rooms.say('lobby', Buffer.from('from outside')), 2);
  assert.equal(rooms.say('cellar', Buffer.from('to nobody')), 0);
  assert.deepEqual(ann.heard, ['from outside']);
  assert.deepEqual(bob.heard, ['from ann', 'from outside']);
  assert.deepEqual(cy.heard, []);
});

test('who left hears nothing, and an emptied room is forgotten and can be entered again', () => {
  const rooms = createTextRooms();
  const ann = listener();
  const { leave } = rooms.join('lobby', ann);
  leave();
  assert.equal(rooms.size, 0);
  const bob = listener();
  rooms.join('lobby', bob);
  leave();
  assert.equal(rooms.say('lobby', Buffer.from('hello')), 1);
  assert.deepEqual(ann.heard, []);
  assert.deepEqual(bob.heard, ['hello']);
});
