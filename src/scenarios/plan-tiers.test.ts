/** Tiers as a scenario writes them: the chain that they become in a plan, and every way to get it wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../base/errors.js';
import { loadScenario } from './load-scenario.js';
import type { VariantPlan } from './plan.js';

const SCENARIO = `name: cascade
summary: What does the last tier get?
load: [{ call: unary, arrivals: { poisson: 4/s } }]
phases: [{ name: calm, for: 2s }, { name: storm, for: 4s }]
`;

function planOf(text: string): VariantPlan {
  return loadScenario('cascade.yaml', SCENARIO + text).variants[0] ?? assert.fail();
}

/** The lines that a user would see, without the file's name; `SCENARIO` has the first four. */
function mistakesIn(text: string): string[] {
  try {
    planOf(text);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replaceAll('cascade.yaml:', '').split('\n');
  }
  return assert.fail('the file was accepted');
}

const THREE = `targets: { backends: 2, next: { tier: middle } }
tiers:
  back: { backends: [{ name: disc, zone: east }] }
  middle: { backends: 2, next: { tier: back } }
`;

test('tiers stand in the order of the calls, whatever the order of the file', () => {
  const { backends, tiers } = planOf(THREE);
  assert.deepEqual(
    [backends, ...(tiers ?? []).map((tier) => tier.backends)].map((tier) =>
      tier.map(({ name, next }) => `${name} → ${next?.tier}`),
    ),
    [['b0 → middle', 'b1 → middle'], ['middle-0 → back', 'middle-1 → back'], ['disc → undefined']],
  );
  assert.deepEqual(
    tiers?.map(({ name }) => name),
    ['middle', 'back'],
  );
});

test('without tiers nothing of them is in the plan', () => {
  const plan = planOf(
    'targets: { backends: 2 }\nfaults: [{ health-set: { phase: storm, status: NOT_SERVING } }]\n',
  );
  assert.ok(!('tiers' in plan));
  assert.ok(plan.backends.every((backend) => !('next' in backend)));
  assert.ok(plan.faults.every((fault) => !('backends' in fault)));
});

test('next has the words of a client, and a deadline of its own', () => {
  const nextOf = (next: string) =>
    planOf(`targets: { next: ${next} }\ntiers: { back: {} }\n`).backends[0]?.next;
  assert.deepEqual(nextOf('{ tier: back }'), {
    tier: 'back',
    deadline: { kind: 'propagated' },
    client: {
      driver: 'grpc-js',
      channels: 1,
      serviceConfig: {
        loadBalancingConfig: [{ squall_attempts: { child_policy: [{ pick_first: {} }] } }],
      },
      channelOptions: {},
      callIds: false,
    },
  });
  const next = nextOf('{ tier: back, deadline: 200ms, onExpired: finish, balancer: round_robin }');
  assert.deepEqual(next?.deadline, { kind: 'fresh', ns: 200e6 });
  assert.equal(next?.onExpired, 'finish');
  assert.match(JSON.stringify(next?.client.serviceConfig), /round_robin/);
});

test('calls say which they are on every hop when any tier asks for it', () => {
  const { client, backends } = planOf(`targets: { next: { tier: back } }
tiers: { back: { capacity: { slots: 1, serviceTime: 1ms } } }
`);
  assert.deepEqual([client.callIds, backends[0]?.next?.client.callIds], [true, true]);
});

test('interceptors and health checks of a tier are its own', () => {
  const { backends, tiers } = planOf(`targets: { next: { tier: back } }
tiers:
  back: { backends: 2, interceptors: [metrics], health: { checks: [{ dependency: { on: back-1, backends: [back-0] } }] } }
`);
  assert.equal(backends[0]?.interceptors, undefined);
  const [one, other] = tiers?.[0]?.backends ?? [];
  assert.deepEqual([one?.interceptors?.length, other?.interceptors?.length], [1, 1]);
  assert.deepEqual([one?.healthChecks?.length, other?.healthChecks], [1, undefined]);
});

test('a fault that says nothing acts on the front tier; others go by name, zone or tier', () => {
  const reached = (more: string) =>
    planOf(`${THREE}faults: [{ rpc-abort: { phase: storm, code: ABORTED${more} } }]\n`).faults[0]
      ?.backends;
  assert.deepEqual(reached(''), ['b0', 'b1']);
  assert.deepEqual(reached(', tiers: [middle]'), ['middle-0', 'middle-1']);
  assert.deepEqual(reached(', tiers: [front, back]'), ['b0', 'b1', 'disc']);
  assert.deepEqual(reached(', backends: [disc, b1]'), ['b1', 'disc']);
  assert.deepEqual(reached(', zones: [east]'), ['disc']);
  assert.deepEqual(reached(', tiers: [middle], backends: [b0, middle-1]'), ['middle-1']);
});

test("the client's name resolution is of the front tier", () => {
  const fault = (options: string) =>
    `${THREE}faults: [{ disc-set: { phase: storm, ${options} } }]\n`;
  assert.deepEqual(planOf(fault('backends: [b0]')).faults[0]?.backends, ['b0']);
  assert.deepEqual(mistakesIn(fault('backends: [middle-0]')), [
    '9:49: there is no backend "middle-0" (one of: b0, b1)',
  ]);
  assert.deepEqual(mistakesIn(fault('backends: [b0, b1]')), [
    '9:22: disc-set names all backends, as name resolution does anyway',
  ]);
  const empty = planOf(`${THREE}faults: [{ disc-empty: { phase: storm } }]\n`).faults[0];
  assert.ok(empty && !('backends' in empty));
});

test('of a chain that is none every mistake has its place, and what to do', () => {
  const next = (tier: string) => `targets: { next: { tier: ${tier} } }\n`;
  const table: [text: string, mistakes: string[]][] = [
    [
      `${next('middle')}tiers:\n  middle: { next: { tier: middle } }\n`,
      [
        '7:27: the tiers call each other in a circle: front → middle → middle (leave next out of the last tier)',
      ],
    ],
    [
      `${next('middle')}tiers:\n  middle: { next: { tier: front } }\n`,
      [
        '7:27: the tiers call each other in a circle: front → middle → front (leave next out of the last tier)',
      ],
    ],
    [
      `${next('midle')}tiers:\n  middle: {}\n`,
      ['5:26: there is no tier "midle" (did you mean "middle"?)'],
    ],
    [
      `${next('midle')}tiers:\n  middle: {}\nfaults: [{ rpc-hang: { phase: storm, tiers: [middle] } }]\n`,
      ['5:26: there is no tier "midle" (did you mean "middle"?)'],
    ],
    [next('middle'), ['5:26: there is no tier "middle" (name it under "tiers")']],
    [
      'tiers:\n  middle: {}\n  back: {}\n',
      [
        '6:11: nobody calls the tier "middle" (targets.next: { tier: middle } would)',
        '7:9: nobody calls the tier "back" (targets.next: { tier: back } would)',
      ],
    ],
    [
      `${next('t2')}tiers:\n${[2, 3, 4, 5].map((n) => `  t${n}: { next: { tier: t${n + 1} } }\n`).join('')}  t6: {}\n`,
      [
        '10:23: a chain has at most 5 tiers: front → t2 → t3 → t4 → t5 → t6 (leave one of them out)',
      ],
    ],
    [
      `${next('front')}tiers:\n  front: {}\n`,
      [
        '5:26: the tiers call each other in a circle: front → front (leave next out of the last tier)',
        '7:10: "front" is the tier that "targets" describes (give this one another name)',
      ],
    ],
    [
      `${next('back')}tiers:\n  back: { backends: [{ name: b0 }] }\n`,
      [
        '7:9: backend "b0" has the name of one of front: names are unique (list "backends" with names of their own)',
      ],
    ],
  ];
  for (const [text, mistakes] of table) assert.deepEqual(mistakesIn(text), mistakes);
});

test('inside a tier and its next, mistakes are told as anywhere else', () => {
  assert.deepEqual(
    mistakesIn(`targets:
  next: { tier: back, deadline: fresh }
tiers:
  back:
    backnds: 2
    capacity: { slots: 0, serviceTime: 5 }
  deep dish: {}
  bad: 5
`),
    [
      '6:33: targets.next.deadline: a deadline is propagated, none, or a time such as 200ms',
      '9:5: unknown key "backnds" in tiers.back (did you mean "backends"?)',
      '10:24: tiers.back.capacity.slots: must be at least 1, got 0',
      '10:40: tiers.back.capacity.serviceTime.fixed: a duration needs a unit, got "5" (for example 250ms, 1.5s or 1m30s)',
      '11:14: tiers.deep dish: a name has letters, digits, ".", "-" and "_"',
      '12:8: tiers.bad: expected a map, got 5',
    ],
  );
  assert.deepEqual(
    mistakesIn(`targets:
  next: { tier: back, driver: wire, balancer: least_conn }
tiers: { back: {} }
`),
    [
      '6:23: unknown key "driver" in targets.next (one of: tier, deadline, onExpired, channels, balancer, retryPolicy, hedgingPolicy, retryThrottling, serviceConfig, rawServiceConfig, waitForReady, connectBackoff, maxReceiveMessageSize, maxSendMessageSize, compression, metadata, tls, keepalive, options)',
      '6:47: targets.next.balancer.least_conn: there is no balancer "least_conn": grpc-js would silently use pick_first instead (one of: pick_first, round_robin, weighted_round_robin, ring_hash, outlier_detection, random, least_request, p2c, peak_ewma, zone-aware, slow-start, health-aware)',
    ],
  );
  assert.deepEqual(
    mistakesIn(`targets: { next: { tier: back } }
tiers: { back: {} }
faults:
  - rpc-hang: { phase: storm, tiers: [bck] }
  - rpc-hang: { phase: storm, tiers: [back], backends: [b0] }
`),
    [
      '8:39: there is no tier "bck" (did you mean "back"?)',
      '9:56: none of these backends is in back: nothing is left',
    ],
  );
});

test('a hop over TLS has two sides, as that of the client has', () => {
  const text = (tls: string) => `targets: { next: { tier: back, tls: { serverName: back } } }
tiers: { back: { tls: ${tls} } }
`;
  assert.deepEqual(planOf(text('true')).backends[0]?.next?.client.tlsFiles, { serverName: 'back' });
  assert.deepEqual(mistakesIn(text('false')), [
    '5:37: targets.next.tls: the targets serve in cleartext (add tls: true to tiers.back)',
  ]);
});

test('work that next would stop is something to keep up', () => {
  const text = (onExpired: string) => `targets: { next: { tier: back, onExpired: ${onExpired} } }
tiers: { back: {} }
faults: [{ rpc-ignore-cancel: { phase: storm } }]
`;
  assert.equal(planOf(text('stop')).faults.length, 1);
  assert.equal(mistakesIn(text('finish')).length, 1);
});
