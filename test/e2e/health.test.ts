/**
 * A run in which a client watches its servers' health: one flaps, one falls silent, and the record
 * says what each server said and what the client saw of it.
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
targets: { backends: 2, server: wire }
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
  // The first flap begins with the clock, so what was seen before it may have lasted no time at all.
  assert.deepEqual(course[0]?.slice(-4), flapping);
  assert.deepEqual(course.slice(1), [
    ['b0 chat.ChatService/Say', 'SERVING'],
    ['b1 ', 'SERVING'],
    ['b1 chat.ChatService/Say', ...(course[3]?.slice(1, -2) ?? []), 'NOT_SERVING', 'SERVING'],
  ]);
  // Four changes of b0 as a whole, two of a method of b1.
  assert.deepEqual([seenAfterUs?.count, unseen], [6, 0]);

  const sights = readLines(folder).filter(
    (line) => line.type === 'event' && line.kind === 'health.seen',
  );
  // And that each of the four names was there at all.
  assert.equal(sights.length, 10);
  assert.match(stdout, /a client saw 6 changes of servers/);
  assert.match(stdout, /b0 chat\.ChatService\/Say {2}█+ {2}SERVING throughout/);
});
