/**
 * What every fault has to do, as one suite that is run over the whole catalogue (`faults.test.ts`):
 * a new kind inherits it with its line in `index.ts` and an example of its options here.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createRng } from '../base/rng.js';
import type {
  ByteFaultKind,
  CallFaultKind,
  CallView,
  ConnectionFaultKind,
  ConnectionHost,
  DiscoveryFaultKind,
  DiscoveryHost,
  FaultHost,
  FaultKind,
  HostFaultKind,
  ProcessFaultKind,
  ProcessHost,
  ServingStatus,
  WatchEffect,
} from './fault.js';

/** One second, in ns. */
const SECOND = 1e9;

const callViews: fc.Arbitrary<CallView> = fc.record({
  method: fc.constantFrom('/chat.ChatService/Say', '/chat.ChatService/Chat'),
  ordinal: fc.nat(),
  previousAttempts: fc.nat(5),
});
const units = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Registers the suite for one entry; `examples` are options as scenario files write them. */
export function faultCases(key: string, fault: FaultKind, examples: readonly object[]): void {
  describe(`fault ${key}`, () => {
    test('says what it is called, what it does and what a correct client does', () => {
      assert.equal(fault.kind, key);
      for (const text of [fault.summary, fault.exercises, fault.correctClient]) {
        assert.ok(text.length > 10);
      }
      assert.ok(fault.layers.length > 0);
      assert.ok(examples.length > 0, 'the suite needs an example of its options');
    });

    test('accepts its examples, with all keys of its envelope, and no unknown key', () => {
      const connectionEnvelope = { share: '50%', count: 3 };
      const times = { phase: 'storm', at: '1s', for: '2s' };
      const where = { backends: ['b0'], zones: ['a'] };
      // A fault of discovery as a whole is on no backend in particular.
      const isAnywhere = fault.acts !== 'discovery' || fault.mistake !== undefined;
      const envelope = isAnywhere ? { ...times, ...where } : times;
      const callEnvelope = {
        ...connectionEnvelope,
        methods: ['chat.ChatService/Say'],
        metadata: { tenant: 'blue' },
        maxActive: 2,
      };
      for (const example of examples) {
        fault.schema.parse(example);
        fault.schema.parse({ ...example, ...envelope });
        assert.equal(
          fault.schema.safeParse({ ...example, ...callEnvelope }).success,
          fault.acts === 'call',
          'what picks calls is of call faults only',
        );
        assert.equal(
          fault.schema.safeParse({ ...example, ...connectionEnvelope }).success,
          fault.acts === 'call' || fault.acts === 'connection' || picksConnections(fault, example),
        );
        assert.equal(fault.schema.safeParse({ ...example, nonsense: 1 }).success, false);
      }
    });

    for (const example of examples) {
      const options = fault.schema.parse(example);
      const name = JSON.stringify(example);
      if (fault.acts === 'call') callFaultCases(name, fault, options);
      else if (fault.acts === 'host') hostFaultCases(name, fault, options);
      else if (fault.acts === 'process') processFaultCases(name, fault, options);
      else if (fault.acts === 'discovery') discoveryFaultCases(name, fault, options);
      else if (fault.acts === 'connection') connectionFaultCases(name, fault, options);
      else byteFaultCases(name, fault, options);
    }
  });
}

function callFaultCases(name: string, fault: CallFaultKind<unknown>, options: unknown): void {
  test(`${name}: equal calls and units have equal, legal effects`, () => {
    fc.assert(
      fc.property(callViews, units, (call, unit) => {
        const effect = fault.effect(options, call, unit);
        assert.deepEqual(fault.effect(options, call, unit), effect);
        if (effect.effect === 'abort') assert.ok(effect.code >= 1 && effect.code <= 16);
        if (effect.effect === 'delay') assert.ok(Number.isSafeInteger(effect.ns) && effect.ns >= 0);
        if (effect.effect === 'pace') assert.ok(effect.intervalNs > 0);
      }),
    );
  });
}

function hostFaultCases(name: string, fault: HostFaultKind<unknown>, options: unknown): void {
  test(`${name}: ended at any moment, it leaves no override, factor and timer behind`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * SECOND }), (endNs) => {
        const host = fakeHost();
        const end = fault.start(options, host);
        host.runUntil(endNs);
        end();
        assert.deepEqual(host.overrides(), []);
        assert.equal(host.factors.size, 0);
        assert.equal(host.timers(), 0);
      }),
    );
  });

  test(`${name}: does something, and the same each time`, () => {
    const history = () => {
      const host = fakeHost();
      const end = fault.start(options, host);
      host.runUntil(5 * SECOND);
      end();
      return [...host.history, ...host.acts];
    };
    assert.ok(history().length > 0);
    assert.deepEqual(history(), history());
  });
}

function processFaultCases(name: string, fault: ProcessFaultKind<unknown>, options: unknown): void {
  test(`${name}: acts at once, and ended at any moment, the process runs again`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * SECOND }), (endNs) => {
        const host = fakeProcess();
        const end = fault.start(options, host);
        assert.ok(host.acts.length > 0);
        host.runUntil(endNs);
        end();
        assert.equal(host.state(), 'running');
        assert.equal(host.timers(), 0);
      }),
    );
  });
}

function connectionFaultCases(
  name: string,
  fault: ConnectionFaultKind<unknown>,
  options: unknown,
): void {
  test(`${name}: acts at once, and ended at any moment, nothing of it is left`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * SECOND }), (endNs) => {
        const connection = fakeConnection();
        const end = fault.start(options, connection);
        assert.ok(connection.acts.length > 0);
        connection.runUntil(endNs);
        end();
        assert.deepEqual([...connection.holds], []);
        assert.equal(connection.timers(), 0);
      }),
    );
  });
}

/** A proxied connection that only remembers what was asked of it. */
export function fakeConnection() {
  const time = fakeTime();
  const acts: string[] = [];
  const holds = new Set<string>();
  const hold = (what: string) => {
    acts.push(what);
    holds.add(what);
    return () => void holds.delete(what);
  };
  const host: ConnectionHost = {
    after: time.after,
    goaway: (last, code, debug) => void acts.push(`goaway ${last} ${code} ${debug}`),
    limitStreams: (streams) => hold(`streams ${streams}`),
    dropPings: (direction) => hold(`pings ${direction}`),
    stallWindow: (direction) => hold(`window ${direction}`),
    sendSettings: (direction) => void acts.push(`settings ${direction}`),
  };
  return { ...host, ...time, acts, holds };
}

function discoveryFaultCases(
  name: string,
  fault: DiscoveryFaultKind<unknown>,
  options: unknown,
): void {
  test(`${name}: acts at once, and ended at any moment, name resolution is as it was`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * SECOND }), (endNs) => {
        const host = fakeDiscovery();
        const end = fault.start(options, host);
        assert.equal(host.inForce(), 1);
        host.runUntil(endNs);
        assert.equal(host.inForce(), 1);
        end();
        assert.equal(host.inForce(), 0);
        assert.equal(host.timers(), 0);
      }),
    );
  });

  test(`${name}: does the same each time`, () => {
    const history = (seed: number) => {
      const host = fakeDiscovery(seed);
      const end = fault.start(options, host);
      host.runUntil(5 * SECOND);
      end();
      return host.acts;
    };
    assert.deepEqual(history(7), history(7));
  });
}

/** Name resolution of six backends, two of which the fault leaves alone, that only remembers. */
export function fakeDiscovery(seed = 1) {
  const time = fakeTime();
  const acts: { readonly atNs: number; readonly act: string; readonly what: unknown }[] = [];
  let inForce = 0;
  const act = (name: string, what: unknown) => {
    acts.push({ atNs: time.now(), act: name, what });
    inForce++;
    return () => void inForce--;
  };
  const host: DiscoveryHost = {
    after: time.after,
    backends: ['b0', 'b1', 'b2', 'b3'],
    others: ['b4', 'b5'],
    random: createRng(seed, 'test'),
    name: (backends) => act('name', backends),
    fail: (code, details) => act('fail', { code, details }),
    freeze: (gone) => act('freeze', gone),
    slow: (ns) => act('slow', ns),
  };
  return { ...host, ...time, acts, inForce: () => inForce };
}

/** Whether a byte fault acts on connections one by one, and not on the port as a whole. */
function picksConnections(fault: FaultKind, example: object): boolean {
  return fault.acts === 'bytes' && fault.effect(fault.schema.parse(example)).effect !== 'refuse';
}

function byteFaultCases(name: string, fault: ByteFaultKind<unknown>, options: unknown): void {
  test(`${name}: is the proxy's, and its effect is plain data, always the same`, () => {
    assert.deepEqual(fault.layers, ['proxy']);
    const effect = fault.effect(options);
    assert.deepEqual(structuredClone(effect), fault.effect(options));
    for (const [key, value] of Object.entries(effect)) {
      if (typeof value === 'number') assert.ok(value >= 0, key);
    }
  });
}

/** A process that only remembers what was asked of it. */
export function fakeProcess() {
  const time = fakeTime();
  const acts: string[] = [];
  let state: 'running' | 'paused' | 'down' = 'running';
  const become = (act: string, next: typeof state) => {
    acts.push(act);
    state = next;
  };
  const host: ProcessHost = {
    after: time.after,
    crash: () => become('crash', 'down'),
    stop: (graceNs) => become(`stop ${graceNs / 1e6} ms`, 'down'),
    start: () => become('start', 'running'),
    pause: () => become('pause', 'paused'),
    resume: () => become('resume', 'running'),
  };
  return { ...host, ...time, acts, state: () => state };
}

/** A host with a clock that only `runUntil` moves. */
export function fakeHost(isRestarted = false) {
  const time = fakeTime();
  const factors = new Set<(sinceNs: number) => number>();
  type What = ServingStatus | WatchEffect['effect'];
  const overrides = new Set<{ service: string | undefined; status: What }>();
  const history: { atNs: number; service: string | undefined; status: What | 'undone' }[] = [];
  /** What else was done. */
  const acts: { atNs: number; act: 'block' | 'burn' | 'scale'; ns: number }[] = [];
  const override = (service: string | undefined, status: What) => {
    const laid = { service, status };
    overrides.add(laid);
    history.push({ atNs: time.now(), ...laid });
    return () => {
      if (overrides.delete(laid)) history.push({ atNs: time.now(), service, status: 'undone' });
    };
  };
  const host: FaultHost = {
    after: time.after,
    isRestarted,
    overrideHealth: override,
    overrideWatch: ({ effect }, service) => override(service, effect),
    blockLoop: (ns) => void acts.push({ atNs: time.now(), act: 'block', ns }),
    burnLoop: (ns) => void acts.push({ atNs: time.now(), act: 'burn', ns }),
    scaleService(factor) {
      acts.push({ atNs: time.now(), act: 'scale', ns: 0 });
      factors.add(factor);
      return () => void factors.delete(factor);
    },
  };
  return { ...host, ...time, history, acts, factors, overrides: () => [...overrides] };
}

function fakeTime() {
  const timers = new Map<number, { dueNs: number; fire: () => void }>();
  let nowNs = 0;
  let next = 0;
  return {
    now: () => nowNs,
    after(delayNs: number, fire: () => void) {
      const id = next++;
      timers.set(id, { dueNs: nowNs + delayNs, fire });
      return () => void timers.delete(id);
    },
    runUntil(untilNs: number) {
      for (;;) {
        const [first] = [...timers].sort(([, a], [, b]) => a.dueNs - b.dueNs);
        if (first === undefined || first[1].dueNs > untilNs) break;
        timers.delete(first[0]);
        nowNs = first[1].dueNs;
        first[1].fire();
      }
      nowNs = untilNs;
    },
    timers: () => timers.size,
  };
}
