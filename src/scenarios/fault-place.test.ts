/** Where faults act: at targets or in a proxy, and the places in which they would do nothing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../base/errors.js';
import { loadScenario } from './load-scenario.js';
import type { VariantPlan } from './plan.js';

const OURS = 'targets: { backends: 2 }';
const EXTERNAL =
  'targets: { external: ["127.0.0.1:50051", { name: east, address: "[::1]:50052" }] }';

/** @param ground `targets:` and `proxy:`, a line each. */
function scenario(ground: readonly string[], faults: readonly string[]): string {
  return `name: storm
summary: Where?
load: [{ call: unary, arrivals: { poisson: 4/s } }]
phases: [{ name: storm, for: 4s }]
faults: ${faults.length === 0 ? '[]' : ''}
${faults.map((fault) => `  - ${fault}\n`).join('')}${ground.join('\n')}
`;
}

function planOf(ground: readonly string[], ...faults: readonly string[]): VariantPlan {
  const [variant] = loadScenario('storm.yaml', scenario(ground, faults)).variants;
  return variant ?? assert.fail();
}

const placesOf = (ground: readonly string[], ...faults: readonly string[]) =>
  planOf(ground, ...faults).faults.map((fault) => fault.in);

/** The lines that a user would see, without the file's name. */
function mistakesIn(ground: readonly string[], ...faults: readonly string[]): string[] {
  try {
    planOf(ground, ...faults);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replaceAll('storm.yaml:', '').split('\n');
  }
  return [];
}

const ABORT = 'rpc-abort: { phase: storm, code: UNAVAILABLE, share: 50% }';
const ABORT_IN_PROXY = 'rpc-abort: { phase: storm, code: UNAVAILABLE, share: 50%, in: proxy }';
const RST = 'h2-rst: { phase: storm, share: 50% }';
const CRASH = 'proc-crash: { phase: storm, backends: [b0] }';

describe('the place of a fault', () => {
  test('what can act at both acts at the target; what only a proxy can do acts there', () => {
    const ground = [OURS, 'proxy: {}'];
    assert.deepEqual(placesOf(ground, ABORT, ABORT_IN_PROXY, RST, CRASH), [
      undefined,
      'proxy',
      'proxy',
      undefined,
    ]);
  });

  test('with targets of others what can act in the proxy does', () => {
    assert.deepEqual(placesOf([EXTERNAL, 'proxy: {}'], ABORT, RST), ['proxy', 'proxy']);
  });

  test('a fault at the target hides none in the proxy', () => {
    const all = 'rpc-abort: { phase: storm, code: INTERNAL }';
    assert.deepEqual(mistakesIn([OURS, 'proxy: {}'], all, ABORT_IN_PROXY), []);
    assert.match(
      mistakesIn([OURS, 'proxy: {}'], all, ABORT)[0] ?? '',
      /^7:16: rpc-abort can never/,
    );
  });
});

describe('places in which nothing would happen are refused, where they are written', () => {
  const refusals: readonly [what: string, ground: string[], fault: string, says: RegExp][] = [
    ['no proxy', [OURS], RST, /^6:13: h2-rst needs a proxy .* \(add "proxy: \{\}"/],
    ['no proxy, and asked for', [OURS], ABORT_IN_PROXY, /^6:67: rpc-abort needs a proxy/],
    [
      'a server, of what a proxy does',
      [OURS, 'proxy: {}'],
      RST.replace(' }', ', in: target }'),
      /^6:\d+: h2-rst acts in a proxy only/,
    ],
    [
      'a proxy, of what a server does',
      [OURS, 'proxy: {}'],
      CRASH.replace(' }', ', in: proxy }'),
      /^6:\d+: proc-crash acts on servers only/,
    ],
    [
      'servers of others',
      [EXTERNAL, 'proxy: {}'],
      'proc-crash: { phase: storm }',
      /^6:\d+: proc-crash acts on servers of ours, and the targets are external/,
    ],
    ['servers of others, without a proxy', [EXTERNAL], ABORT, /^6:\d+: rpc-abort needs a proxy/],
    [
      "a proxy of another's",
      [OURS, 'proxy: { program: nginx }'],
      RST,
      /^6:\d+: h2-rst acts in our proxy, and nginx knows no faults/,
    ],
    [
      'name resolution, where there is one address',
      [OURS, 'proxy: { balance: round_robin }'],
      'disc-empty: { phase: storm }',
      /^6:\d+: disc-empty changes which backends clients know/,
    ],
    [
      'some backends, before one is chosen',
      [OURS, 'proxy: { balance: round_robin }'],
      RST.replace(' }', ', backends: [b1] }'),
      /^6:\d+: h2-rst acts before the proxy has chosen/,
    ],
  ];
  for (const [what, ground, fault, says] of refusals) {
    test(what, () => {
      const mistakes = mistakesIn(ground, fault);
      assert.equal(mistakes.length, 1, mistakes.join('\n'));
      assert.match(mistakes[0] ?? '', says);
    });
  }
});

describe('targets of others, and proxies, in a plan', () => {
  test('they have a name and an address, and nothing else is said of them', () => {
    assert.deepEqual(planOf([EXTERNAL]).backends, [
      { name: '127.0.0.1:50051', port: 0, external: '127.0.0.1:50051' },
      { name: 'east', port: 0, external: '[::1]:50052' },
    ]);
    const beside = 'targets: { external: ["127.0.0.1:1"], server: wire, capacity: { slots: 1 } }';
    const mistakes = mistakesIn([beside]);
    assert.equal(mistakes.length, 2, mistakes.join('\n'));
    assert.match(mistakes[0] ?? '', /^6:\d+: targets.server: external targets are as they are/);
    assert.match(mistakesIn(['targets: { external: [nowhere] }'])[0] ?? '', /host:port/);
  });

  test('a proxy is in the plan as it is written, and absent without one', () => {
    assert.equal('proxy' in planOf([OURS]), false);
    assert.deepEqual(planOf([OURS, 'proxy: {}']).proxy, {});
    const balance = 'least_request';
    assert.deepEqual(planOf([OURS, `proxy: { balance: ${balance} }`]).proxy, { balance });
    assert.deepEqual(planOf([OURS, 'proxy: { program: haproxy }']).proxy, {
      program: 'haproxy',
      balance: 'round_robin',
    });
    const wrong = mistakesIn([OURS, 'proxy: { balance: roundrobin }']);
    assert.match(wrong[0] ?? '', /^7:\d+: proxy.balance.*did you mean "round_robin"/);
  });

  const SECURE = 'targets: { tls: true }';
  const SECURE_EXTERNAL = 'targets: { tls: true, external: [api.example:443] }';
  const tlsCases: [lines: string[], first: RegExp | undefined][] = [
    [[SECURE, 'proxy: {}'], undefined],
    [[SECURE, 'proxy: { tls: pass-through }'], undefined],
    [[OURS, 'proxy: { tls: terminate }'], undefined],
    [[SECURE_EXTERNAL, 'proxy: { tls: originate }'], undefined],
    [[SECURE_EXTERNAL, 'client: { tls: { serverName: api } }'], undefined],
    [[SECURE, 'proxy: { tls: terminate }'], /^7:\d+: terminate speaks cleartext with the targets/],
    [[OURS, 'proxy: { tls: both }'], /^7:\d+: both speaks TLS with the targets.*tls: true/],
    [[SECURE, 'proxy: { program: nginx }'], /^7:\d+: nginx speaks cleartext/],
    [[OURS, 'proxy: { program: nginx, tls: terminate }'], /^7:\d+: proxy.tls: nginx is started in/],
    [[OURS, 'proxy: { tls: pass-through, balance: round_robin }'], /^7:\d+: .*no calls/],
    [['targets: { tls: {}, external: [a:1] }'], /^6:\d+: targets.tls: external .*tls: true/],
    [['targets: { tls: true, external: [127.0.0.1:1] }'], /^6:\d+: .*address has none.*serverName/],
    [['targets: { tls: true, external: [a:1, b:1] }'], /^6:\d+: .*different names/],
  ];
  for (const [lines, first] of tlsCases) {
    test(`TLS: ${lines.join(' ')}`, () => {
      const mistakes = mistakesIn(lines);
      if (first === undefined) assert.deepEqual(mistakes, []);
      else assert.match(mistakes[0] ?? '', first);
    });
  }

  test('faults on calls cannot act where TLS passes through', () => {
    const ground = [SECURE, 'proxy: { tls: pass-through }'];
    assert.match(mistakesIn(ground, RST).join(), /h2-rst needs a proxy that sees more/);
    assert.deepEqual(mistakesIn(ground, 'tcp-refuse: { phase: storm }'), []);
  });
});
