import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { scenarioFile } from '../../test/support/squall.js';
import type { ArrivalKind } from '../arrivals/arrival.js';
import { arrivals } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import { UserError } from '../base/errors.js';
import { gateMistakes } from '../gates/gate-mistakes.js';
import { type LoadOptions, loadScenario } from './load-scenario.js';
import type { Plan } from './plan.js';

const SCENARIO = `name: storm
summary: What does it cost?
seed: 7
client: { deadline: 500ms }
load:
  - { call: unary, arrivals: { poisson: 400/s } }
phases:
  - { name: calm, for: 2s }
  - { name: storm, for: 4s }
faults:
  - rpc-abort: { phase: storm, code: UNAVAILABLE, share: 50%, at: 1s, for: 2s }
variants:
  plain: {}
  retry:
    client:
      retryPolicy: { maxAttempts: 4, initialBackoff: 50ms, maxBackoff: 1s, backoffMultiplier: 2, retryableStatusCodes: [UNAVAILABLE] }
  throttled:
    extends: retry
    client: { retryThrottling: { maxTokens: 10, tokenRatio: 0.1 } }
`;

function load(text: string, options: LoadOptions = {}): Plan {
  return loadScenario('storm.yaml', text, options);
}

/** The lines that a user would see for a wrong file. */
function mistakesIn(text: string, options: LoadOptions = {}): string[] {
  try {
    load(text, options);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.split('\n');
  }
  return assert.fail('the file was accepted');
}

function variantOf(plan: Plan, name: string) {
  const variant = plan.variants.find((candidate) => candidate.name === name);
  assert.ok(variant !== undefined, `no variant ${name}`);
  return variant;
}

test('phases and faults are put on the load clock', () => {
  const { phases, faults, durationNs } = variantOf(load(SCENARIO), 'plain');
  assert.deepEqual(phases, [
    { name: 'calm', fromNs: 0, toNs: 2e9, discard: false },
    { name: 'storm', fromNs: 2e9, toNs: 6e9, discard: false },
  ]);
  assert.equal(durationNs, 6e9);
  assert.deepEqual(faults, [
    {
      id: 'storm/rpc-abort',
      kind: 'rpc-abort',
      phase: 'storm',
      fromNs: 3e9,
      toNs: 5e9,
      share: 0.5,
      options: {
        code: 'UNAVAILABLE',
        stage: 'trailers-only',
        message: 'aborted by rpc-abort',
      },
    },
  ]);
});

test('a variant is laid over the base, and over what it extends', () => {
  const plan = load(SCENARIO);
  assert.deepEqual(
    plan.variants.map(({ name }) => name),
    ['plain', 'retry', 'throttled'],
  );
  const { serviceConfig } = variantOf(plan, 'throttled').client;
  assert.deepEqual(serviceConfig['retryThrottling'], { maxTokens: 10, tokenRatio: 0.1 });
  assert.ok('methodConfig' in serviceConfig);
  assert.ok(!('retryThrottling' in variantOf(plan, 'retry').client.serviceConfig));
  assert.equal(variantOf(plan, 'throttled').client.deadlineNs, 500e6);
});

test('what a variant says of itself is its own, not that of one which extends it', () => {
  const text = SCENARIO.replace('  retry:\n', '  retry:\n    about: It tries again.\n');
  const { variants } = load(text);
  assert.deepEqual(
    variants.map(({ about }) => about),
    [undefined, 'It tries again.', undefined],
  );
});

test('the same file and options give the same plan, byte for byte', () => {
  assert.equal(JSON.stringify(load(SCENARIO)), JSON.stringify(load(SCENARIO)));
});

test('--quick keeps the shape: every phase and fault shrinks alike', () => {
  const { phases, faults } = variantOf(load(SCENARIO, { quick: true }), 'plain');
  const [calm, storm] = phases;
  const [abort] = faults;
  assert.ok(calm && storm && abort);
  const stormNs = storm.toNs - storm.fromNs;
  // 2 s : 4 s, and in the storm 1 s before, 2 s during, 1 s after the fault.
  assert.ok(Math.abs(stormNs / calm.toNs - 2) < 1e-6);
  assert.ok(Math.abs((abort.fromNs - storm.fromNs) / stormNs - 0.25) < 1e-6);
  assert.ok(Math.abs((abort.toNs - abort.fromNs) / stormNs - 0.5) < 1e-6);
  assert.ok(storm.toNs <= 4e9);
});

test('--set changes one value, inside lists too, and is named when it is wrong', () => {
  const set = (option: string, path: string[], value: unknown) => ({ path, value, option });
  const plan = load(SCENARIO, {
    settings: [
      set('a', ['targets', 'backends'], 3),
      set('b', ['load', '0', 'arrivals', 'poisson'], '50/s'),
    ],
  });
  const { backends, loads } = variantOf(plan, 'plain');
  assert.equal(backends.length, 3);
  assert.deepEqual(loads[0]?.arrivals, { kind: 'poisson', options: 50 });
  assert.deepEqual(
    mistakesIn(SCENARIO, { settings: [set('--set client.deadline=5', ['client', 'deadline'], 5)] }),
    [
      '--set client.deadline=5: client.deadline: a duration needs a unit, got "5" (for example 250ms, 1.5s or 1m30s)',
    ],
  );
});

test('--set finds elements of lists by their names, or by their only keys', () => {
  const set = (path: string, value: unknown) => ({ path: path.split('.'), value, option: path });
  const plan = load(SCENARIO, {
    settings: [set('phases.storm.for', '7s'), set('faults.rpc-abort.for', '5s')],
  });
  const { phases, faults } = variantOf(plan, 'plain');
  const storm = phases.find(({ name }) => name === 'storm');
  assert.equal((storm?.toNs ?? 0) - (storm?.fromNs ?? 0), 7e9);
  assert.deepEqual([faults[0]?.fromNs, faults[0]?.toNs], [3e9, 8e9]);
  assert.deepEqual(mistakesIn(SCENARIO, { settings: [set('phases.storm.for', '7')] }), [
    'phases.storm.for: phases[1].for: a duration needs a unit, got "7" (for example 250ms, 1.5s or 1m30s)',
  ]);
  assert.notDeepEqual(mistakesIn(SCENARIO, { settings: [set('phases.strom.for', '7s')] }), []);
});

test('what a check shows stands beside it, and in no way of --set', () => {
  const text = `${SCENARIO}checks:
  - goodput: { phase: storm, atLeast: 1% }
    shows: Half of it is left.
`;
  const set = { path: ['checks', 'goodput', 'atLeast'], value: '40%', option: '--set' };
  const [check] = variantOf(load(text, { settings: [set] }), 'plain').checks;
  assert.ok(check !== undefined);
  assert.equal(check.shows, 'Half of it is left.');
  assert.deepEqual(check.options, { phase: 'storm', atLeast: { share: 0.4 } });
});

test('--set has the last word, in all variants or in the one that it names', () => {
  const set = (path: string, value: unknown) => ({ path: path.split('.'), value, option: path });
  const attempts = (plan: Plan, variant: string) => {
    const { methodConfig } = variantOf(plan, variant).client.serviceConfig as {
      methodConfig: { retryPolicy: { maxAttempts: number } }[];
    };
    return methodConfig[0]?.retryPolicy.maxAttempts;
  };
  const path = 'variants.throttled.client.retryPolicy.maxAttempts';
  const plan = load(SCENARIO, { settings: [set(path, 3), set('client.deadline', '1s')] });
  assert.equal(attempts(plan, 'retry'), 4);
  assert.equal(attempts(plan, 'throttled'), 3);
  assert.equal(variantOf(plan, 'throttled').client.deadlineNs, 1e9);
  assert.deepEqual(mistakesIn(SCENARIO, { settings: [set('variants.retri.seed', 1)] }), [
    'variants.retri.seed: there is no variant "retri" (did you mean "retry"?)',
  ]);
});

test('quick: is laid over the scenario by --quick only', () => {
  const text = `${SCENARIO}quick: { phases: [{ name: storm, for: 500ms, discard: true }], faults: [] }\n`;
  assert.equal(variantOf(load(text), 'plain').phases.length, 2);
  assert.equal(variantOf(load(text, { quick: true }), 'plain').phases.length, 1);
});

test('quick: says of variants, too, what is shorter in them', () => {
  const text = `${SCENARIO}quick: { variants: { plain: { client: { deadline: 7ms } } } }\n`;
  const deadlines = (quick: boolean) =>
    load(text, { quick }).variants.map(({ client }) => client.deadlineNs);
  const [, ...others] = deadlines(false);
  assert.deepEqual(deadlines(true), [7e6, ...others]);
  assert.notEqual(deadlines(false)[0], 7e6);
});

test('quick: of variants that are not there, or of what makes a variant, is refused', () => {
  const mistakes = (quick: string) =>
    mistakesIn(`${SCENARIO}quick: { variants: ${quick} }\n`).join('\n');
  assert.match(mistakes('{ plian: {} }'), /no variant "plian".*plain/s);
  assert.match(mistakes('{ plain: 3 }'), /variant plain is a map/);
  assert.match(mistakes('[plain]'), /variants is a map from names to overlays/);
  assert.match(mistakes('{ plain: { extends: retry } }'), /"extends" stands with the variant/);
  assert.match(mistakes('{ plain: { about: nothing } }'), /"about" stands with the variant/);
  assert.match(mistakes('{ plain: { seed: 3 } }'), /cannot change "seed"/);
});

test('every mistake of a file is reported at once, each where it was written', () => {
  const text = `name: storm
summary: What does it cost?
sead: 7
client: { deadline: 500, balancer: least_requests }
load:
  - { call: unary, arrivals: { poisson: -4/s } }
  - { call: unari, arrivals: { poisson: 4/s } }
phases:
  - { name: calm, for: 2s, faults: [{ rpc-abort: { code: UNAVAILBLE } }] }
  - { name: storm, for: 4 }
checks:
  - goodputt: { phase: storm, atLeast: 95% }
`;
  assert.deepEqual(mistakesIn(text), [
    'storm.yaml:3:1: unknown key "sead" (did you mean "seed"?)',
    'storm.yaml:4:21: client.deadline: a duration needs a unit, got "500" (for example 250ms, 1.5s or 1m30s)',
    'storm.yaml:4:36: client.balancer.least_requests: there is no balancer "least_requests": grpc-js would silently use pick_first instead (did you mean "least_request"?)',
    'storm.yaml:6:41: load[0].arrivals.poisson: a rate cannot be negative, got "-4/s" (for example 500/s or 30/min)',
    'storm.yaml:7:13: load[1].call: "unari" is not valid (did you mean "unary"?)',
    'storm.yaml:9:58: phases[0].faults[0].rpc-abort.code: "UNAVAILBLE" is not valid (did you mean "UNAVAILABLE"?)',
    'storm.yaml:10:25: phases[1].for: a duration needs a unit, got "4" (for example 250ms, 1.5s or 1m30s)',
    'storm.yaml:12:5: unknown key "goodputt" in checks[0] (did you mean "goodput"?)',
  ]);
});

test('a part that is wrong does not hide the mistakes of the others', () => {
  const text = SCENARIO.replace('500ms', '500').replace('phase: storm, code', 'phase: strom, code');
  const told: string[] = [];
  const lines = mistakesIn(`${text}gates: [p(99) < 50]\n`, {
    gateMistakes: ({ expression }) => {
      told.push(expression);
      return [{ message: 'no unit' }];
    },
  });
  assert.deepEqual(lines, [
    'storm.yaml:4:21: client.deadline: a duration needs a unit, got "500" (for example 250ms, 1.5s or 1m30s)',
    'storm.yaml:11:25: there is no phase "strom" (did you mean "storm"?)',
    'storm.yaml:20: no unit',
  ]);
  assert.deepEqual(told, ['p(99) < 50']);
});

test('a key that is wrong says what keys are', () => {
  const [line] = mistakesIn(`${SCENARIO}chains: { a b: [pass] }\n`);
  assert.equal(
    line,
    'storm.yaml:20:11: chains.a b: the key has to be a name of letters, digits, ".", "-" and "_"',
  );
});

test('a variant that is wrong is no variant that is missing', () => {
  const text = SCENARIO.replace('maxAttempts: 4', 'maxAttempts: 1').replace(
    '  throttled:\n    extends: retry\n',
    '  throttled:\n',
  );
  const gates = `gates: ['rate(errors){variant:retry} < 1%', 'rate(errors){variant:retyr} < 1%']\n`;
  const [first, second, ...more] = mistakesIn(`${text}${gates}`, { gateMistakes }).filter(
    (line) => !line.includes('throttles nothing'),
  );
  assert.match(first ?? '', /client.retryPolicy.maxAttempts: a policy makes at least 2 attempts/);
  assert.match(second ?? '', /there is no variant "retyr" \(did you mean "retry"\?\)/);
  assert.deepEqual(more, []);
});

test('names that nobody defines are reported with the nearest ones', () => {
  const text = SCENARIO.replace('phase: storm, code', 'phase: strom, backends: [b1], code');
  assert.deepEqual(mistakesIn(`${text}checks: [{ goodput: { phase: clam, atLeast: 95% } }]\n`), [
    'storm.yaml:11:25: there is no phase "strom" (did you mean "storm"?)',
    'storm.yaml:11:43: there is no backend "b1" (did you mean "b0"?)',
    'storm.yaml:20:21: goodput: there is no phase "clam" (did you mean "calm"?)',
  ]);
});

test('a mistake in a variant is reported in the variant', () => {
  assert.deepEqual(mistakesIn(SCENARIO.replace('maxAttempts: 4', 'maxAttempts: 1')), [
    'storm.yaml:16:35: client.retryPolicy.maxAttempts: a policy makes at least 2 attempts; leave it out for 1',
  ]);
  assert.deepEqual(mistakesIn(SCENARIO.replace('extends: retry', 'extends: retri')), [
    'storm.yaml:18:14: there is no variant "retri" to extend (did you mean "retry"?)',
  ]);
  assert.deepEqual(mistakesIn(SCENARIO.replace('plain: {}', 'plain: { extends: plain }')), [
    'storm.yaml:13:21: variants extend each other in a circle: plain → plain',
  ]);
});

test('broken YAML is reported by line, a fault past its phase by its phase', () => {
  const [first] = mistakesIn('name: [a\nsummary: b\n');
  assert.match(first ?? '', /^storm\.yaml:2:1: /);
  assert.deepEqual(mistakesIn(SCENARIO.replace('at: 1s, for: 2s', 'at: 3s, for: 2s')), [
    'storm.yaml:11:16: the fault reaches past the end of its phase "storm" (the phase lasts 4 s)',
  ]);
});

test('a file that is no map says so', () => {
  assert.deepEqual(mistakesIn('- a\n'), ['storm.yaml:1:1: a scenario is a map of keys and values']);
  assert.deepEqual(mistakesIn(''), ['storm.yaml:1:1: a scenario is a map of keys and values']);
});

/** A folder with a scenario of one replay and the file that it names; gives the scenario's path. */
function replayScenario(times: string | undefined, replay = 'file: times.txt'): string {
  const file = scenarioFile('');
  if (times !== undefined) writeFileSync(join(dirname(file), 'times.txt'), times);
  writeFileSync(
    file,
    `name: again
summary: As it was.
load: [{ call: unary, arrivals: { replay: { ${replay} } } }]
phases: [{ name: calm, for: 2s }]
variants: { one: {}, other: { client: { driver: wire } } }
`,
  );
  return file;
}

test('a plan keeps the times of a replay: the file may change, and go', () => {
  const file = replayScenario('10\n10.25\n11\n');
  const plan = loadScenario(file, readFileSync(file, 'utf8'));
  rmSync(dirname(file), { recursive: true });
  for (const { loads } of (JSON.parse(JSON.stringify(plan)) as Plan).variants) {
    const { kind, options } = loads[0]?.arrivals ?? { kind: '', options: undefined };
    const entry = entryOf<ArrivalKind>(arrivals, kind);
    assert.ok(entry.loop === 'open');
    const next = entry.dueTimes(options, () => 0);
    assert.deepEqual([next(), next(), next(), next()], [0, 0.25e9, 1e9, Number.POSITIVE_INFINITY]);
  }
});

test('mistakes in a replay’s file are told once each, by file and line, with all others', () => {
  const told = (times: string | undefined, replay?: string) => {
    const file = replayScenario(times, replay);
    const scenario = readFileSync(file, 'utf8').replace('for: 2s', 'for: 2');
    try {
      loadScenario(file, scenario);
    } catch (error) {
      assert.ok(error instanceof UserError, String(error));
      return error.message.replaceAll(`${dirname(file)}/`, '').split('\n');
    }
    return assert.fail('the file was accepted');
  };
  const from = '(load[0].arrivals.replay.file, scenario.yaml:3:51)';
  const unit = 'scenario.yaml:4:29: phases[0].for: a duration needs a unit';
  const lines = told('0\nx\n1\n0.5\n');
  assert.deepEqual(
    lines.filter((line) => !line.startsWith(unit)),
    [
      `times.txt:2: expected seconds (0.25) or a duration (250ms), got "x" ${from}`,
      `times.txt:4: 0.5 is before 1, which stands above it ${from}`,
    ],
  );
  assert.equal(lines.length, 3);
  assert.match(told(undefined).join('\n'), /^times\.txt: it cannot be read: ENOENT.*/m);
  assert.match(told('').join('\n'), /^times\.txt: no time is in it/m);
  assert.match(told('0', 'file: .').join('\n'), /^\.: it cannot be read: it is no file/m);
  assert.match(
    told('0\n5', 'file: times.txt, repeat: 5s').join('\n'),
    /^scenario\.yaml:3:\d+: load\[0\]\.arrivals\.replay\.repeat: begins again before its end, 5 s/m,
  );
  const many = told('x\n'.repeat(500)).filter((line) => line.startsWith('times.txt'));
  assert.equal(many.length, 21);
  assert.match(many.join('\n'), /^times\.txt: 480 more lines are wrong/m);
});

test("TLS and unix sockets are each backend's; a port beside a unix socket is a mistake", () => {
  const withTargets = (targets: string) => `${SCENARIO}targets: ${targets}\n`;
  const { backends } = variantOf(load(withTargets('{ tls: true, socket: unix }')), 'plain');
  assert.deepEqual(backends, [
    { name: 'b0', port: 0, server: 'grpc-js', tls: true, socket: 'unix' },
  ]);
  assert.match(
    mistakesIn(withTargets('{ port: 5000, socket: unix }')).join('\n'),
    /targets\.port: a unix socket has no port/,
  );
});

test('health checks that wait for each other are refused where the circle closes', () => {
  const circle = `${SCENARIO}targets:
  backends: 3
  health:
    checks:
      - dependency: { on: b1, backends: [b0] }
      - dependency: { on: b0, backends: [b1] }
`;
  assert.match(
    mistakesIn(circle).join('\n'),
    /^storm\.yaml:25:27: targets\.health\.checks\[1\]\.dependency\.on: .*circle: b1 → b0 → b1 \(/,
  );
  assert.match(
    mistakesIn(circle.replace('on: b0', 'on: b9')).join('\n'),
    /^storm\.yaml:25:27: .*there is no backend "b9"/,
  );
  assert.equal(mistakesIn(circle).length, 1, 'told once, and not for each variant');
});

test('faults that contradict each other on one process, or act on nothing, are refused', () => {
  const text = (faults: string) => `name: restarts
summary: What is lost?
targets: { backends: 2, server: wire }
load: [{ call: unary, arrivals: { constant: 10/s } }]
phases: [{ name: calm, for: 1s }, { name: storm, for: 4s }]
faults:
${faults}`;
  const overlapping = `  - proc-pause: { phase: storm, for: 2s }
  - proc-crash: { phase: storm, at: 1s, for: 1s, backends: [b1] }
  - proc-cold: { phase: storm, factor: 3, over: 1s, backends: [b0] }
`;
  assert.deepEqual(mistakesIn(text(overlapping)), [
    'storm.yaml:8:17: proc-crash contradicts storm/proc-pause: both act on the process of "b1" at ' +
      'once (storm/proc-pause lasts from 1 s to 3 s of the run)',
    'storm.yaml:9:16: proc-cold acts on the service time, and backend "b0" has none ' +
      '(give it a "capacity" with a "serviceTime")',
  ]);
  const inTurn = `  - proc-drain: { phase: storm, for: 2s, grace: 1s, backends: [b0] }
  - proc-drain: { phase: storm, for: 2s, grace: 1s, backends: [b1] }
  - proc-pause: { phase: storm, at: 2s, for: 2s, backends: [b0] }
  - rpc-hang: { phase: storm, backends: [b0] }
`;
  assert.doesNotThrow(() => load(text(inTurn)));
});

test('more slots than sense are refused, those of all backends and those of one', () => {
  const [file, here] = ['storm.yaml', 'must be at most 100000, got 200000'];
  const withTargets = (targets: string) => `${SCENARIO}targets: ${targets}\n`;
  const slots = 'capacity: { slots: 200000, serviceTime: 5ms }';
  assert.deepEqual(mistakesIn(withTargets(`{ ${slots} }`)), [
    `${file}:20:31: targets.capacity.slots: ${here}`,
  ]);
  assert.deepEqual(mistakesIn(withTargets(`{ backends: [{ name: a, ${slots} }] }`)), [
    `${file}:20:53: targets.backends[0].capacity.slots: ${here}`,
  ]);
  assert.deepEqual(mistakesIn(withTargets(`{ ${slots.replace('200000', '0.5')} }`)), [
    `${file}:20:31: targets.capacity.slots: expected a whole number, got 0.5`,
  ]);
});
