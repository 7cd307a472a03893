import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aVariant, seconds } from '../../test/support/record-lines.js';
import type { ServingStatus } from '../base/serving-status.js';
import type { EventLine } from '../metrics/record.js';
import { healthTally } from './health-tally.js';

const plan = (watchHealth: readonly string[]) =>
  aVariant('v', {
    backends: ['b0', 'b1'].map((name) => ({ name, port: 0 })),
    client: { driver: 'wire', channels: 1, serviceConfig: {}, channelOptions: {}, watchHealth },
  });

/** A change at so many ms. */
function change(
  kind: 'health' | 'health.seen',
  atMs: number,
  subject: string,
  to: ServingStatus,
  services = [''],
): EventLine {
  const health = { services, to };
  return { type: 'event', variant: 'v', atNs: atMs * 1e6, kind, detail: '', subject, health };
}
const made = (...args: Parameters<typeof change> extends [unknown, ...infer Rest] ? Rest : never) =>
  change('health', ...args);
const seen = (...args: Parameters<typeof change> extends [unknown, ...infer Rest] ? Rest : never) =>
  change('health.seen', ...args);

function summaryOf(services: readonly string[], ...lines: readonly EventLine[]) {
  const tally = healthTally(plan(services));
  for (const line of lines) tally.add(line);
  return tally.summarise(seconds(1));
}

test('a timeline runs without a gap from zero to the end, UNKNOWN before the first answer', () => {
  const summary = summaryOf(
    [''],
    // In any order: records of several shards are put together.
    seen(500, 'b0', 'NOT_SERVING'),
    // Before the clock's zero, while all was being started.
    seen(-40, 'b0', 'SERVING'),
    seen(700, 'b0', 'UNKNOWN'),
    seen(250, 'b1', 'SERVING'),
    seen(1_200, 'b1', 'UNKNOWN'),
  );
  assert.deepEqual(
    summary?.timelines.map(({ backend, service, spans }) => [
      backend,
      service,
      ...spans.map(({ fromMs, toMs, status }) => `${fromMs}-${toMs} ${status}`),
    ]),
    [
      ['b0', '', '0-500 SERVING', '500-700 NOT_SERVING', '700-1000 UNKNOWN'],
      ['b1', '', '0-250 UNKNOWN', '250-1000 SERVING'],
    ],
  );
});

test('each change of a server is paired with the sight of it, name by name', () => {
  const summary = summaryOf(
    ['', 'a.B/C'],
    made(100, 'b0', 'NOT_SERVING'),
    seen(102, 'b0', 'NOT_SERVING'),
    made(200, 'b0', 'SERVING'),
    seen(206, 'b0', 'SERVING'),
    // With its service, and seen by the method's name.
    made(300, 'b1', 'NOT_SERVING', ['a.B', 'a.B/C']),
    seen(303, 'b1', 'NOT_SERVING', ['a.B/C']),
    // Of a name that nobody watches, and after the end.
    made(400, 'b1', 'NOT_SERVING', ['a.B/D']),
    made(1_000, 'b0', 'NOT_SERVING'),
  );
  const { count, min, max } = summary?.seenAfterUs ?? assert.fail();
  assert.equal(count, 3);
  assert.ok(Math.abs(min - 2_000) < 5 && Math.abs(max - 6_000) < 10, `${min} ${max}`);
  assert.equal(summary?.unseen, 0);
});

test('what was gone before it was told is not seen; what was told late was seen late', () => {
  const summary = summaryOf(
    [''],
    // Silent from 100 to 400: up and down again twice, and what stands at the end is told.
    made(110, 'b0', 'NOT_SERVING'),
    made(120, 'b0', 'SERVING'),
    made(300, 'b0', 'NOT_SERVING'),
    seen(400, 'b0', 'NOT_SERVING'),
    made(500, 'b0', 'SERVING'),
    seen(501, 'b0', 'SERVING'),
  );
  assert.equal(summary?.unseen, 2);
  assert.equal(summary?.seenAfterUs?.count, 2);
  const max = summary?.seenAfterUs?.max ?? 0;
  assert.ok(Math.abs(max - 100_000) < 100, `300 to 400 ms, not ${max} µs`);
});

test('nobody watched: no figures', () => {
  const tally = healthTally(aVariant('v'));
  tally.add(made(100, 'b0', 'NOT_SERVING'));
  assert.equal(tally.summarise(seconds(1)), undefined);
});
