/**
 * Runs whose result is known from theory, or from what was done to them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Summary, VariantSummary } from '../../src/metrics/summary.js';
import {
  readLines,
  readSummary,
  scenarioFile,
  squall,
  startSquall,
  temporaryFolder,
} from '../support/squall.js';
import { until } from '../support/until.js';

async function run(
  scenario: string,
  ...args: string[]
): Promise<{ folder: string; summary: Summary }> {
  const folder = temporaryFolder();
  const { stderr } = await squall(scenarioFile(scenario), '--out', folder, ...args);
  const summary = readSummary(folder);
  // A busy machine may make the generator late, and the run invalid; counts hold all the same.
  for (const { complete, reason } of summary.variants) assert.ok(complete, `${reason}: ${stderr}`);
  return { folder, summary };
}

function phaseOf(summary: Summary, variant: string, phase: string) {
  const found = summary.variants
    .find(({ name }) => name === variant)
    ?.phases.find(({ name }) => name === phase);
  assert.ok(found !== undefined, `${variant}/${phase}`);
  return found;
}

const STORM = `name: storm
summary: Independent aborts of half of the attempts.
seed: 7
interval: 500ms
targets: { backends: 3 }
client: { deadline: 2s, balancer: round_robin }
load: [{ call: unary, arrivals: { poisson: 500/s } }]
phases:
  - { name: calm, for: 500ms, discard: true }
  - { name: storm, for: 3s, faults: [{ rpc-abort: { code: UNAVAILABLE, share: 50% } }] }
variants:
  none: {}
  retry:
    client: { retryPolicy: { maxAttempts: 4, initialBackoff: 1ms, maxBackoff: 4ms, backoffMultiplier: 2, retryableStatusCodes: [UNAVAILABLE] } }
`;

/** One run of it serves several tests. */
let stormRun: ReturnType<typeof run> | undefined;
const firstStorm = () => (stormRun ??= run(STORM));

test('retries of independent aborts: amplification (1 − pⁿ)/(1 − p), success 1 − pⁿ', async () => {
  const { summary } = await firstStorm();
  const storm = phaseOf(summary, 'retry', 'storm');
  // p = 1/2, n = 4: 1.875 attempts a call, 93.75 % succeed. Per call the number of attempts has a
  // variance of 1.11, so over 1,500 calls its mean has a standard error of 1.053/√1500 = 0.0272
  // (1.45 %); success one of √(0.9375 × 0.0625 / 1500) = 0.00625. Four of each.
  const calls = storm.calls.started;
  assert.ok(calls > 1350 && calls < 1650, String(calls));
  const amplification = storm.attempts.amplification ?? 0;
  assert.ok(Math.abs(amplification / 1.875 - 1) < 0.058, String(amplification));
  assert.ok(Math.abs(storm.calls.good / calls - 0.9375) < 0.025, String(storm.calls.good / calls));
  assert.equal(phaseOf(summary, 'none', 'storm').attempts.amplification, 1);
  for (const { attempts } of summary.variants) assert.ok(attempts.agree, attempts.why);
});

test('one seed: the same plan, the same calls offered, the same faults met by every variant', async () => {
  const first = await firstStorm();
  const again = await run(STORM);
  const planOf = ({ folder }: { folder: string }) =>
    readFileSync(join(folder, 'plan.json'), 'utf8');
  assert.equal(planOf(first), planOf(again));
  const offered = ({ summary }: { summary: Summary }) =>
    summary.variants.map(({ phases }) => phases.map(({ calls }) => calls.offered));
  assert.deepEqual(offered(first), offered(again));
  const hit = ({ summary }: { summary: Summary }) =>
    summary.variants.map(({ faults }) => faults.map(({ hitSet, hitFirst }) => [hitSet, hitFirst]));
  assert.deepEqual(hit(first), hit(again));
  const [none, retry] = hit(first);
  assert.deepEqual(none, retry);
  assert.ok(Number(none?.[0]?.[1]) > 600);

  const other = await run(STORM, '--seed', '8', '--variant', 'none');
  assert.notDeepEqual(hit(other)[0], none);
});

test('both drivers offer the same calls, meet the same faults and count the same attempts', async () => {
  const asWire = ['--variant', 'none', '--set', 'client={ driver: wire, deadline: 2s }'];
  const [grpcJs] = (await firstStorm()).summary.variants;
  const [wire] = (await run(STORM, ...asWire)).summary.variants;
  assert.equal(wire?.driver, 'wire');
  assert.ok(wire.attempts.agree, wire.attempts.why);
  assert.equal(wire.attempts.client, grpcJs?.attempts.client);
  const ends = (of: VariantSummary | undefined) =>
    of?.phases.map(({ calls }) => [calls.offered, calls.byCode]);
  assert.deepEqual(ends(wire), ends(grpcJs));
  assert.deepEqual(wire.faults, grpcJs?.faults);
});

test('faults begin and end in every target at once, on the load clock', async () => {
  const { folder } = await firstStorm();
  const events = readLines(folder)
    .filter((line) => line.type === 'event')
    .filter(({ variant }) => variant === 'none');
  for (const [kind, plannedNs] of [
    ['fault.start', 500e6],
    ['fault.end', 3500e6],
  ] as const) {
    const found = events.filter((event) => event.kind === kind);
    assert.equal(found.length, 3);
    for (const { atNs, plannedNs: planned } of found) {
      assert.equal(planned, plannedNs);
      // A timer never fires early; how late depends on the machine, but not by a call's storm.
      assert.ok(atNs >= plannedNs && atNs - plannedNs < 250e6, `${atNs} for ${plannedNs}`);
    }
  }
});

const FROZEN = `name: frozen
summary: The only target stops for a second.
interval: 250ms
client: { deadline: 5s }
load: [{ call: unary, arrivals: { constant: 1000/s } }]
phases: [{ name: steady, for: 4s }]
`;

test('a target frozen for a second under open-loop load: neither p99 hides it', async () => {
  const folder = temporaryFolder();
  const running = startSquall(scenarioFile(FROZEN), '--out', folder);
  await running.says('offered');
  const [target = 0] = running.backends();
  process.kill(target, 'SIGSTOP');
  const stoppedNs = process.hrtime.bigint();
  await until('a second', () => process.hrtime.bigint() - stoppedNs >= 1_000_000_000n);
  process.kill(target, 'SIGCONT');
  const frozenUs = Number(process.hrtime.bigint() - stoppedNs) / 1e3;
  await running.finished;
  const steady = phaseOf(readSummary(folder), 'default', 'steady');
  // Of 4,000 calls 1,000 were due while it was frozen; the 1 % that waited longest, 40 calls, were
  // due in its first 40 ms and waited more than 96 % of it.
  const latency = steady.latencyUs?.p99 ?? 0;
  const serviceTime = steady.serviceTimeUs?.p99 ?? 0;
  assert.ok(latency > 0.95 * frozenUs, `latency p99 ${latency} of ${frozenUs}`);
  assert.ok(serviceTime > 0.95 * frozenUs, `service time p99 ${serviceTime} of ${frozenUs}`);
  assert.equal(steady.calls.offered, 4000);
  assert.equal(steady.calls.missed, 0);
});

const CLOSED = `name: closed
summary: Eight callers, each waiting for its reply.
interval: 250ms
targets: { backends: 2, capacity: { slots: 8, serviceTime: 20ms } }
client: { deadline: 2s, balancer: round_robin }
load: [{ call: unary, arrivals: { closed: 8 } }]
phases: [{ name: warm-up, for: 500ms, discard: true }, { name: steady, for: 2s }]
`;

test('a closed loop obeys Little’s law: calls open = throughput × latency', async () => {
  const { summary } = await run(CLOSED);
  const { rates, latencyUs, calls } = phaseOf(summary, 'default', 'steady');
  const open = rates.throughputPerSecond * ((latencyUs?.mean ?? 0) / 1e6);
  // Eight are always open, but for the moments between a reply and the next call.
  assert.ok(Math.abs(open / 8 - 1) < 0.05, `${open} open on average`);
  assert.ok((latencyUs?.min ?? 0) >= 20_000);
  assert.equal(calls.missed, 0);
});

test('what the in-flight limit keeps from being sent is missed, not delayed', async () => {
  const limited = CLOSED.replace('{ closed: 8 } }', '{ constant: 400/s }, maxInFlight: 2 }');
  const { summary } = await run(limited, '--workers', '1');
  const { calls, latencyUs } = phaseOf(summary, 'default', 'steady');
  assert.equal(calls.offered, 800);
  assert.equal(calls.started + calls.missed, 800);
  // Two at once in 20 ms are at most 100/s, of 400/s.
  assert.ok(calls.started <= 202 && calls.started > 100, String(calls.started));
  // Nobody queued on our side for them: 20 ms of service, and what the machine adds.
  assert.ok((latencyUs?.p50 ?? 0) < 40_000, String(latencyUs?.p50));
});

const ROOMS = `name: rooms
summary: Two rooms of five on one backend.
interval: 250ms
load: [{ call: chat, streams: 10, roomSize: 5, messages: { constant: 20/s } }]
phases: [{ name: opening, for: 500ms, discard: true }, { name: steady, for: 2s }]
`;

test('each message is heard by the four others of its room, and timed at each of them', async () => {
  const { summary } = await run(ROOMS, '--workers', '1');
  const { streams } = phaseOf(summary, 'default', 'steady');
  assert.ok(streams !== undefined);
  // Ten streams at 20/s for 2 s; each begins at a random point of its gap: one more or less each.
  assert.ok(Math.abs(streams.messagesOffered - 400) <= 10, String(streams.messagesOffered));
  assert.equal(streams.messagesSent, streams.messagesOffered);
  // What is under way when the streams end is not heard: at most the last message of each.
  const heard = streams.messagesReceived / 4;
  assert.ok(heard > streams.messagesSent - 10 && heard <= streams.messagesSent, String(heard));
  assert.equal(streams.messageLatencyUs?.count, streams.messagesReceived);
});
