/**
 * A run in which a client watches its servers' health, over TLS and unix sockets: one flaps, one
 * depends on another, and the record says what each server said and what the client saw of it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  readLines,
  readSummary,
  scenarioFile,
  squall,
  temporaryFolder,
} from '../support/squall.js';

const SCENARIO = `name: health
summary: Does the client see what its servers say?
interval: 100ms
workers: 1
targets:
  backends: 3
  server: wire
  tls: true
  socket: unix
  health: { checks: [{ dependency: { on: b1, service: chat.ChatService, backends: [b2] } }] }
client: { driver: wire, watchHealth: ['', chat.ChatService/Say] }
load: [{ call: unary, arrivals: { constant: 50/s } }]
phases:
  - name: wrong
    for: 800ms
    faults:
      - health-flap: { backends: [b0], period: 400ms }
      - health-set: { backends: [b1], service: chat.ChatService, status: NOT_SERVING, for: 600ms }
  - { name: well, for: 300ms }
`;

test('what servers say and what the client sees of it, each with its time', async () => {
  const folder = temporaryFolder();
  const { exitCode, stdout } = await squall('run', scenarioFile(SCENARIO), '--out', folder);
  assert.equal(exitCode, 0);
  const [variant] = readSummary(folder).variants;
  const { timelines, seenAfterUs, unseen } = variant?.health ?? assert.fail();
  const course = timelines.map(({ backend, service, spans }) => [
    `${backend} ${service}`,
    ...spans.map(({ status }) => status),
  ]);
  const flapping = ['NOT_SERVING', 'SERVING', 'NOT_SERVING', 'SERVING'];
  // Faults begin with the clock, so what was seen before them may have lasted no time at all.
  const before = (statuses: readonly string[] = []) => statuses.slice(1, -2);
  assert.deepEqual(course[0]?.slice(-4), flapping);
  assert.deepEqual(course.slice(1), [
    ['b0 chat.ChatService/Say', 'SERVING'],
    ['b1 ', 'SERVING'],
    ['b1 chat.ChatService/Say', ...before(course[3]), 'NOT_SERVING', 'SERVING'],
    ['b2 ', ...before(course[4]), 'NOT_SERVING', 'SERVING'],
    ['b2 chat.ChatService/Say', ...before(course[5]), 'NOT_SERVING', 'SERVING'],
  ]);
  // Four changes of b0 as a whole, two of a method of b1, and of b2, which was UNKNOWN at first, at
  // least two for each of its names.
  assert.equal(unseen, 0);
  assert.ok((seenAfterUs?.count ?? 0) >= 10, `${seenAfterUs?.count}`);

  const changes = readLines(folder).filter((line) => line.type === 'event' && line.health);
  const ofB0 = changes.filter((line) => line.type === 'event' && line.subject === 'b0');
  // Four that the server made, seen one by one, after both names were seen at all.
  assert.equal(ofB0.length, 4 + 4 + 2);
  assert.match(stdout, /own watch saw \d+ changes of servers/);
  assert.match(stdout, /b0 chat\.ChatService\/Say {2}█+ {2}SERVING throughout/);
});
