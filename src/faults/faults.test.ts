import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInstant } from './call-effect.js';
import { fakeDiscovery, fakeHost, fakeProcess, faultCases } from './fault.case.js';
import type { WatchEffect } from './fault.js';
import { faultSchema, faults } from './index.js';

const examples: Record<keyof typeof faults, readonly object[]> = {
  'rpc-abort': [
    { code: 'UNAVAILABLE' },
    { code: 'RESOURCE_EXHAUSTED', pushback: '100ms', after: 'service', message: 'busy' },
    { code: 'ABORTED', pushback: 'never', stage: 'after-headers' },
    { code: 'UNAVAILABLE', stage: { 'after-messages': 3 } },
  ],
  'rpc-delay': [{ delay: '50ms' }, { delay: { exponential: '20ms' } }],
  'rpc-hang': [{}],
  'rpc-shed': [{ limit: 8 }, { limit: 1, code: 'UNAVAILABLE', message: 'busy' }],
  'rpc-ignore-cancel': [{}],
  'rpc-rate': [{ messages: '5/s' }],
  'rpc-oversize': [{ size: '5MiB' }],
  'rpc-corrupt': [{}, { what: 'message' }],
  'rpc-drop': [{}, { message: 3, direction: 'up' }, { each: '10%' }],
  'rpc-duplicate': [{}, { message: 2 }, { each: '10%', direction: 'up' }],
  'h2-rst': [
    {},
    { code: 'REFUSED_STREAM' },
    { code: 'CANCEL', when: 'after-headers' },
    { code: 'NO_ERROR', when: { 'after-messages': 2 } },
  ],
  'h2-goaway': [
    {},
    { code: 'ENHANCE_YOUR_CALM', last: 'none', debug: 'too_many_pings' },
    { last: 5 },
  ],
  'h2-max-streams': [{ streams: 1 }],
  'h2-window-stall': [{}, { direction: 'down' }],
  'h2-connection-stall': [{}, { direction: 'both' }],
  'h2-ping-drop': [{}, { direction: 'down' }],
  'h2-settings': [{ rate: '10/s' }],
  'h2-no-trailers': [{}],
  'h2-truncate': [{}, { message: 3 }],
  'h2-http-status': [{}, { status: 429 }],
  'health-set': [{ status: 'NOT_SERVING' }, { service: 'chat.ChatService', status: 'UNKNOWN' }],
  'health-flap': [
    { period: '1s' },
    { period: '300ms', duty: '10%', service: 'chat.ChatService' },
    { period: '1s', duty: '100%' },
  ],
  'health-watch': [
    { does: 'silent' },
    { does: 'error', code: 'INTERNAL', service: 'chat.ChatService' },
    { does: 'unimplemented' },
  ],
  'proc-crash': [{}],
  'proc-pause': [{}],
  'proc-restart': [{}],
  'proc-drain': [{ grace: '0s' }, { grace: '2s' }],
  'proc-loop-block': [{ block: '200ms' }, { block: '20ms', every: '1s' }],
  'proc-cpu': [{ load: '70%' }, { load: '50%', slice: '100ms' }],
  'proc-cold': [
    { factor: 10, over: '5s' },
    { factor: 2, over: '500ms', curve: 'exponential' },
  ],
  'disc-churn': [{ every: '1s' }, { every: '300ms', named: 2, backends: ['b0', 'b1', 'b2'] }],
  'disc-empty': [{}],
  'disc-error': [{}, { code: 'INTERNAL', message: 'no such name' }],
  'disc-set': [{ backends: ['b0'] }, { zones: ['east'] }],
  'disc-slow': [{ by: '2s' }],
  'disc-stale': [{}, { gone: 3 }],
  'tcp-latency': [{ delay: '50ms' }, { delay: '50ms', jitter: '50ms', direction: 'up' }],
  'tcp-bandwidth': [{ rate: '64KiB/s' }, { rate: '1MB/min', direction: 'down' }],
  'tcp-slice': [{ size: '1B' }, { size: '100B', variation: '99B', gap: '1ms' }],
  'tcp-slow-close': [{ delay: '2s' }, { delay: '2s', direction: 'up' }],
  'tcp-reset': [{}, { after: '100ms' }],
  'tcp-close-after': [{ bytes: '10KiB' }, { bytes: '0B', direction: 'both' }],
  'tcp-blackhole': [{}, { direction: 'down', drop: true }],
  'tcp-refuse': [{}],
  'tcp-accept-stall': [{}],
};

for (const [kind, fault] of Object.entries(faults)) {
  faultCases(kind, fault, examples[kind as keyof typeof faults]);
}

const call = { method: '/chat.ChatService/Say', ordinal: 7, previousAttempts: 0 };

test('a pushback is whole milliseconds, never too early; "never" is -1, "unreadable" no number', () => {
  const sent = (pushback: string | undefined) => {
    const options = faults['rpc-abort'].schema.parse({ code: 'UNAVAILABLE', pushback });
    const effect = faults['rpc-abort'].effect(options, call, 0);
    return effect.effect === 'abort' ? effect.pushback : assert.fail();
  };
  assert.equal(sent('250ms'), '250');
  assert.equal(sent('0s'), '0');
  assert.equal(sent('1500us'), '2');
  assert.equal(sent('never'), '-1');
  // As lenient a reader as there is finds no digit in it.
  assert.ok(Number.isNaN(Number.parseInt(sent('unreadable') ?? '', 10)));
  assert.equal(sent(undefined), undefined);
});

test('an abort with OK is refused', () => {
  assert.equal(faultSchema.safeParse({ 'rpc-abort': { code: 'OK' } }).success, false);
});

test('an abort after messages has no moment of its own, and is not sent at arrival', () => {
  const { schema, effect } = faults['rpc-abort'];
  const stage = { 'after-messages': 3 };
  const hit = effect(schema.parse({ code: 'ABORTED', stage }), call, 0);
  assert.deepEqual(hit.effect === 'abort' && hit.stage, { messages: 3 });
  assert.equal(isInstant(hit), false);
  assert.equal(isInstant(effect(schema.parse({ code: 'ABORTED' }), call, 0)), true);
  const contradicting = schema.safeParse({ code: 'ABORTED', stage, after: 'arrival' });
  assert.deepEqual(contradicting.error?.issues[0]?.path, ['after']);
  for (const wrong of [{ 'after-messages': 0 }, 'after-messages', 3]) {
    assert.equal(schema.safeParse({ code: 'ABORTED', stage: wrong }).success, false);
  }
});

test('a rate is sent as an interval, and sizes have an end', () => {
  const rate = faults['rpc-rate'];
  assert.deepEqual(rate.effect(rate.schema.parse({ messages: '5/s' }), call, 0), {
    effect: 'pace',
    intervalNs: 200e6,
  });
  assert.equal(faults['rpc-oversize'].schema.safeParse({ size: '2GiB' }).success, false);
  assert.equal(faults['rpc-shed'].schema.safeParse({ limit: 0 }).success, false);
});

test('a drawn delay follows the unit', () => {
  const options = faults['rpc-delay'].schema.parse({ delay: { exponential: '100ms' } });
  // The exponential's quantile at 1/2 is its mean times ln 2: 69.3 ms.
  assert.deepEqual(faults['rpc-delay'].effect(options, call, 0.5), {
    effect: 'delay',
    ns: 69_314_718,
  });
});

test('a flap is down for its duty of every period, from the start', () => {
  const host = fakeHost();
  const options = faults['health-flap'].schema.parse({ period: '100ms', duty: '20%' });
  const end = faults['health-flap'].start(options, host);
  host.runUntil(230e6);
  end();
  const changes = host.history.map(({ atNs, status }) => [atNs / 1e6, status]);
  assert.deepEqual(changes, [
    [0, 'NOT_SERVING'],
    [20, 'undone'],
    [100, 'NOT_SERVING'],
    [120, 'undone'],
    [200, 'NOT_SERVING'],
    [220, 'undone'],
  ]);
});

test('what Watch ends with is UNAVAILABLE, another code, or UNIMPLEMENTED, and never OK', () => {
  const ending = (options: object) => {
    const endings: number[] = [];
    const host = {
      ...fakeHost(),
      overrideWatch(effect: WatchEffect) {
        if (effect.effect === 'end') endings.push(effect.code);
        return () => {};
      },
    };
    faults['health-watch'].start(faults['health-watch'].schema.parse(options), host);
    return endings;
  };
  assert.deepEqual(ending({ does: 'error' }), [14]);
  assert.deepEqual(ending({ does: 'error', code: 'INTERNAL' }), [13]);
  assert.deepEqual(ending({ does: 'unimplemented' }), [12]);
  assert.deepEqual(ending({ does: 'silent' }), []);
  const mistake = (watch: object) =>
    faultSchema.safeParse({ 'health-watch': watch }).error?.issues[0]?.path;
  assert.deepEqual(mistake({ does: 'error', code: 'OK' }), ['health-watch', 'code']);
  assert.deepEqual(mistake({ does: 'silent', code: 'INTERNAL' }), ['health-watch', 'code']);
});

test('a flap with a duty of 100% never comes back by itself, and one of 0% is refused', () => {
  const host = fakeHost();
  const options = faults['health-flap'].schema.parse({ period: '100ms', duty: '100%' });
  faults['health-flap'].start(options, host);
  host.runUntil(10e9);
  assert.equal(host.history.length, 1);
  assert.equal(faults['health-flap'].schema.safeParse({ period: '1s', duty: '0%' }).success, false);
});

test('a crash whose backend does not come back starts nothing', () => {
  const process = fakeProcess();
  const options = faults['proc-crash'].schema.parse({ comesBack: false });
  faults['proc-crash'].start(options, process)();
  assert.deepEqual(process.acts, ['crash']);
});

test('a drain hands its grace on, and starts the process at its end only', () => {
  const process = fakeProcess();
  const options = faults['proc-drain'].schema.parse({ grace: '250ms' });
  const end = faults['proc-drain'].start(options, process);
  assert.deepEqual(process.acts, ['stop 250 ms']);
  end();
  assert.deepEqual(process.acts, ['stop 250 ms', 'start']);
});

test('blocks and burns come again and again, on time, and no longer when ended', () => {
  const played = (kind: 'proc-loop-block' | 'proc-cpu', written: object) => {
    const host = fakeHost();
    const fault = faults[kind];
    const end = fault.start(fault.schema.parse(written) as never, host);
    host.runUntil(250e6);
    end();
    host.runUntil(1e9);
    return host.acts.map(({ atNs, act, ns }) => [atNs / 1e6, act, ns / 1e6]);
  };
  assert.deepEqual(played('proc-loop-block', { block: '30ms' }), [[0, 'block', 30]]);
  assert.deepEqual(played('proc-loop-block', { block: '30ms', every: '100ms' }), [
    [0, 'block', 30],
    [100, 'block', 30],
    [200, 'block', 30],
  ]);
  assert.deepEqual(played('proc-cpu', { load: '25%', slice: '200ms' }), [
    [0, 'burn', 50],
    [200, 'burn', 50],
  ]);
});

test('a loop that would never turn is refused', () => {
  const refused = (fault: object) => !faultSchema.safeParse(fault).success;
  assert.ok(refused({ 'proc-loop-block': { block: '1s', every: '1s' } }));
  assert.ok(refused({ 'proc-cpu': { load: '96%' } }));
  assert.ok(refused({ 'proc-cpu': { load: '0%' } }));
});

test('what is cold is slow by its factor at first and by nothing after its time', () => {
  const factorsOf = (written: object, isRestarted = false) => {
    const host = fakeHost(isRestarted);
    faults['proc-cold'].start(faults['proc-cold'].schema.parse(written), host);
    const [factor] = host.factors;
    return [0, 1, 2, 4, 5].map((seconds) => factor?.(seconds * 1e9));
  };
  assert.deepEqual(factorsOf({ factor: 9, over: '4s' }), [9, 7, 5, 1, 1]);
  // The square root of the square root of 16, once for each second that is left.
  const exponential = { factor: 16, over: '4s', curve: 'exponential' };
  assert.deepEqual(factorsOf(exponential), [16, 8, 4, 1, 1]);
  const restart = { factor: 9, over: '4s', when: 'restart' };
  assert.deepEqual(factorsOf(restart)[0], undefined);
  assert.deepEqual(factorsOf(restart, true), [9, 7, 5, 1, 1]);
});

test('churn names so many of its backends, others each time, and leaves the rest named', () => {
  const churned = (written: object, seed: number) => {
    const host = fakeDiscovery(seed);
    const churn = faults['disc-churn'];
    churn.start(churn.schema.parse(written), host);
    host.runUntil(10e9);
    return host.acts.map(({ atNs, what }) => ({ atNs, named: what as readonly string[] }));
  };
  for (const count of [1, 2, 3]) {
    const lists = churned({ every: '100ms', named: count }, 7);
    assert.equal(lists.length, 101);
    let before = '';
    for (const [index, { atNs, named }] of lists.entries()) {
      assert.equal(atNs, index * 100e6);
      assert.deepEqual(named.slice(0, 2), ['b4', 'b5']);
      assert.equal(new Set(named).size, 2 + count);
      const list = named.toSorted().join();
      assert.notEqual(list, before);
      before = list;
    }
    // None is left out for good.
    assert.equal(new Set(lists.flatMap(({ named }) => named)).size, 6);
  }
  assert.notDeepEqual(churned({ every: '100ms' }, 7), churned({ every: '100ms' }, 8));
});

test('a set that names nobody in particular, an error that is none and a frenzy are refused', () => {
  const refused = (fault: object) => !faultSchema.safeParse(fault).success;
  assert.ok(refused({ 'disc-set': {} }));
  assert.ok(refused({ 'disc-error': { code: 'OK' } }));
  assert.ok(refused({ 'disc-churn': { every: '1ms' } }));
  assert.ok(refused({ 'disc-empty': { backends: ['b0'] } }));
});

test('octets that would come before they were sent, and pieces without any, are refused', () => {
  const mistake = (fault: object) => faultSchema.safeParse(fault).error?.issues[0]?.path.at(-1);
  assert.equal(mistake({ 'tcp-latency': { delay: '1ms', jitter: '2ms' } }), 'jitter');
  assert.equal(mistake({ 'tcp-slice': { size: '10B', variation: '10B' } }), 'variation');
  assert.equal(mistake({ 'tcp-slice': { size: '0B' } }), 'size');
  assert.equal(mistake({ 'tcp-bandwidth': { rate: '0B/s' } }), 'rate');
  assert.equal(mistake({ 'tcp-bandwidth': { rate: '100/s' } }), 'rate');
});
