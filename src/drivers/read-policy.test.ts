/** Balancers as scenarios write them: what grpc-js is given for each, and what is refused, and why. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientSchema } from './client-schema.js';
import { zonesAskedFor } from './read-policy.js';

/** The policy that stands below the one that sees attempts. */
function policyOf(client: object): unknown {
  const { serviceConfig } = clientSchema.parse(client);
  const [top] = serviceConfig['loadBalancingConfig'] as {
    squall_attempts: { child_policy: unknown[] };
  }[];
  return top?.squall_attempts.child_policy[0];
}

const pick = (kind: string, options: object) => ({ squall_pick: { kind, options } });

/** `path: message (hint)` of all that is wrong with a client. */
function mistakesOf(client: object): string {
  const { success, error } = clientSchema.safeParse(client);
  assert.equal(success, false, `${JSON.stringify(client)} was accepted`);
  return (error?.issues ?? [])
    .map((issue) => {
      const { hint } = (issue as { params?: { hint?: string } }).params ?? {};
      return `${issue.path.join('.')}: ${issue.message} (${hint ?? ''})`;
    })
    .join('\n');
}

test('ours are given to the policy that hosts them, with their options parsed', () => {
  assert.deepEqual(policyOf({ balancer: 'random' }), pick('random', {}));
  const three = { least_request: { choiceCount: 3 } };
  assert.deepEqual(policyOf({ balancer: three }), pick('least_request', { choiceCount: 3 }));
  assert.deepEqual(
    policyOf({ balancer: { 'zone-aware': { zone: 'a', atLeast: '50%', child: 'peak_ewma' } } }),
    pick('zone-aware', {
      zone: 'a',
      atLeast: 0.5,
      child: { kind: 'peak_ewma', options: { decay: 10e9 } },
    }),
  );
});

test('they stand wherever a policy may, in a service config too', () => {
  const outlier = { outlier_detection: { child_policy: [{ p2c: {} }] } };
  const observed = { squall_ejections: { child_policy: [pick('p2c', {})] } };
  const found = { outlier_detection: { child_policy: [observed] } };
  assert.deepEqual(policyOf({ balancer: outlier }), found);
  assert.deepEqual(policyOf({ serviceConfig: { loadBalancingConfig: [outlier] } }), found);
});

test('health-aware goes around any of them, for the service that is named', () => {
  const around = (child: object, service: string) => ({
    squall_health: { service, child_policy: child },
  });
  const aware = (options: object) => ({ 'health-aware': options });
  assert.deepEqual(policyOf({ balancer: 'health-aware' }), around({ round_robin: {} }, ''));
  assert.deepEqual(
    policyOf({ balancer: aware({ child: { least_request: {} }, service: 'chat.ChatService' }) }),
    around(pick('least_request', { choiceCount: 2 }), 'chat.ChatService'),
  );
  // As gRFC A17 has it.
  const serviceConfig = {
    loadBalancingConfig: [aware({ child: 'round_robin' })],
    healthCheckConfig: { serviceName: 'x' },
  };
  assert.deepEqual(policyOf({ serviceConfig }), around({ round_robin: {} }, 'x'));
});

test('weighted_round_robin is taken where it can work', () => {
  const weighted = (period: string) => ({
    weighted_round_robin: { enable_oob_load_report: true, oob_load_reporting_period: period },
  });
  assert.deepEqual(policyOf({ balancer: weighted('0.1s') }), weighted('0.100000000s'));
});

test('what would not do as it says is refused at its place, with the reason', () => {
  const config = (loadBalancingConfig: unknown[], more: object = {}) => ({
    serviceConfig: { loadBalancingConfig, ...more },
  });
  const table: [client: object, message: RegExp][] = [
    [{ balancer: { least_request: { choiceCount: 1 } } }, /^balancer\.least_request\.choiceCount/],
    [
      { balancer: { least_request: { choices: 3 } } },
      /^balancer\.least_request\.choices: unknown key/,
    ],
    [{ balancer: { peak_ewma: { decay: 10 } } }, /decay: a duration needs a unit/],
    [{ balancer: 'zone-aware' }, /^balancer\.zone-aware\.zone/],
    [{ balancer: { 'zone-aware': { zone: 'a', atLeast: '0%' } } }, /share above 0%/],
    [{ balancer: { 'zone-aware': { zone: 'a', child: 'round_robin' } } }, /child.*round_robin/],
    [{ balancer: 'weighted_round_robin' }, /out of band only.*enable_oob_load_report/],
    [
      {
        balancer: {
          weighted_round_robin: { enable_oob_load_report: true, blackout_period: 'soon' },
        },
      },
      /"blackout_period\\?" is a duration, got/,
    ],
    [{ balancer: 'ring_hash' }, /part of @grpc\/grpc-js-xds, which is not installed/],
    [
      { balancer: { 'health-aware': { child: 'pick_first' } } },
      /^balancer\.health-aware\.child: pick_first does not look at health/,
    ],
    [
      { balancer: { 'health-aware': { child: 'roundrobin' } } },
      /^balancer\.health-aware\.child\.roundrobin: .*did you mean "round_robin"/,
    ],
    [
      config([{ round_robin: {} }, { least_requests: {} }]),
      /^serviceConfig\.loadBalancingConfig\.1\.least_requests: .*did you mean "least_request"/,
    ],
    [
      config([{ round_robin: {} }], { healthCheckConfig: { serviceName: '' } }),
      /^serviceConfig\.healthCheckConfig: grpc-js has no health checking/,
    ],
    [
      config([{ 'health-aware': { service: 'a' } }], { healthCheckConfig: { serviceName: 'b' } }),
      /service is "a" here and "b" in healthCheckConfig/,
    ],
  ];
  for (const [client, message] of table) assert.match(mistakesOf(client), message);
});

test('the zones that are asked for are found, wherever they stand', () => {
  const inside = { 'health-aware': { child: { 'zone-aware': { zone: 'north' } } } };
  assert.deepEqual(zonesAskedFor(clientSchema.parse({ balancer: inside }).serviceConfig), [
    'north',
  ]);
  assert.deepEqual(zonesAskedFor(clientSchema.parse({ balancer: 'p2c' }).serviceConfig), []);
});
