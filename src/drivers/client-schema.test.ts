import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientSchema } from './client-schema.js';

function messagesFor(client: unknown): string {
  const result = clientSchema.safeParse(client);
  assert.equal(result.success, false, `${JSON.stringify(client)} was accepted`);
  return result.error?.issues
    .map((issue) => `${issue.path.join('.')}: ${issue.message} ${JSON.stringify(issue)}`)
    .join('\n') as string;
}

const retryPolicy = {
  maxAttempts: 4,
  initialBackoff: '50ms',
  maxBackoff: '500ms',
  backoffMultiplier: 2,
  retryableStatusCodes: ['UNAVAILABLE'],
};

test('a client without words is pick_first, observed', () => {
  assert.deepEqual(clientSchema.parse({}), {
    driver: 'grpc-js',
    channels: 1,
    serviceConfig: {
      loadBalancingConfig: [{ squall_attempts: { child_policy: [{ pick_first: {} }] } }],
    },
    channelOptions: {},
  });
});

test('retry policies become a method config for every method, durations with nine decimals', () => {
  const { serviceConfig } = clientSchema.parse({ retryPolicy, balancer: 'round_robin' });
  assert.deepEqual(serviceConfig, {
    loadBalancingConfig: [{ squall_attempts: { child_policy: [{ round_robin: {} }] } }],
    methodConfig: [
      {
        name: [{}],
        retryPolicy: {
          ...retryPolicy,
          // "0.05s" would be read as 50 ns by grpc-js 1.14 where it parses fractions.
          initialBackoff: '0.050000000s',
          maxBackoff: '0.500000000s',
        },
      },
    ],
  });
});

test('a whole service config is taken verbatim', () => {
  const { serviceConfig } = clientSchema.parse({
    serviceConfig: {
      loadBalancingConfig: [{ round_robin: {} }],
      methodConfig: [
        { name: [{ service: 'chat.ChatService', method: 'Say' }], timeout: '0.5s', retryPolicy },
      ],
      retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
    },
  });
  const [method] = serviceConfig['methodConfig'] as { timeout: string }[];
  assert.equal(method?.timeout, '0.500000000s');
  assert.deepEqual(serviceConfig['retryThrottling'], { maxTokens: 10, tokenRatio: 0.1 });
});

test('balancers that grpc-js would silently replace are refused, with the reason', () => {
  const table: [balancer: unknown, message: RegExp][] = [
    ['maglev', /no balancer "maglev": grpc-js would silently use pick_first/],
    ['round_robbin', /did you mean \\"round_robin\\"/],
    [{ round_robin: { weight: 1 } }, /does not read "weight"/],
    [{ outlier_detection: { interval: 'soon' } }, /"interval\\" is a duration, got \\"soon\\"/],
    [{ outlier_detection: { interval: 1 } }, /"interval\\" is a duration, got 1: grpc-js would/],
    [
      { outlier_detection: { maxEjectionPercent: 50 } },
      /does not read "maxEjectionPercent".*max_ejection_percent/s,
    ],
    [{ outlier_detection: { child_policy: [{ pick_first: {} }] } }, /grpc-js refuses it/],
    [{ outlier_detection: { child_policy: [{ p3c: {} }] } }, /no balancer "p3c".*p2c/s],
    [{ round_robin: {}, pick_first: {} }, /exactly one key/],
    [7, /expected a map such as/],
  ];
  for (const [balancer, message] of table) assert.match(messagesFor({ balancer }), message);
});

test('durations of policies become what grpc-js reads: in seconds and nanos, or in text', () => {
  const periods = { oob_load_reporting_period: '100ms', blackout_period: '0.5s' };
  const weighted = { weighted_round_robin: { enable_oob_load_report: true, ...periods } };
  const balancer = {
    outlier_detection: {
      interval: '1.5s',
      base_ejection_time: '500ms',
      max_ejection_time: { seconds: 30, nanos: 0 },
      child_policy: [weighted],
    },
  };
  const { serviceConfig } = clientSchema.parse({ balancer });
  const [first] = serviceConfig['loadBalancingConfig'] as { squall_attempts: object }[];
  assert.deepEqual(first?.squall_attempts, {
    child_policy: [
      {
        outlier_detection: {
          interval: { seconds: 1, nanos: 500_000_000 },
          base_ejection_time: { seconds: 0, nanos: 500_000_000 },
          max_ejection_time: { seconds: 30, nanos: 0 },
          child_policy: [
            {
              squall_ejections: {
                child_policy: [
                  {
                    weighted_round_robin: {
                      enable_oob_load_report: true,
                      oob_load_reporting_period: '0.100000000s',
                      blackout_period: '0.500000000s',
                    },
                  },
                ],
              },
            },
          ],
        },
      },
    ],
  });
});

test('throttling that would throttle nothing is refused', () => {
  const retryThrottling = { maxTokens: 10, tokenRatio: 0.1 };
  const hedgingPolicy = { maxAttempts: 3 };
  const name = [{ service: 'chat.ChatService' }];
  const table: [client: object, message: RegExp][] = [
    [{ retryThrottling }, /^retryThrottling: .*without a retryPolicy throttles nothing.*budget/],
    [{ retryThrottling, hedgingPolicy }, /^retryThrottling: grpc-js does not throttle hedges/],
    [{ serviceConfig: { retryThrottling } }, /^serviceConfig.retryThrottling: .*without a retryP/],
    [
      { serviceConfig: { retryThrottling, methodConfig: [{ name, hedgingPolicy }] } },
      /^serviceConfig.retryThrottling: grpc-js does not throttle hedges/,
    ],
  ];
  for (const [client, message] of table) assert.match(messagesFor(client), message);
  const methodConfig = [
    { name, hedgingPolicy },
    { name: [{}], retryPolicy },
  ];
  const mixed = { serviceConfig: { retryThrottling, methodConfig } };
  assert.equal(clientSchema.safeParse(mixed).success, true);
});

test('connectBackoff becomes channel arguments, and what has none is for the wire driver', () => {
  const connectBackoff = { initial: '50ms', maximum: '1.5s' };
  const expected = {
    'grpc.keepalive_time_ms': 5,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 1500,
  };
  const options = { 'grpc.keepalive_time_ms': 5 };
  const spec = clientSchema.parse({ connectBackoff, options });
  assert.deepEqual([spec.channelOptions, spec.connectBackoff], [expected, undefined]);
  const spread = { ...connectBackoff, multiplier: 3, jitter: '50%' };
  const wire = clientSchema.parse({ driver: 'wire', connectBackoff: spread });
  assert.deepEqual(wire.connectBackoff, { multiplier: 3, jitter: 0.5 });
  const table: [client: object, message: RegExp][] = [
    [{ connectBackoff: { multiplier: 3 } }, /connectBackoff.multiplier: .*is its own: 1.6.*wire/],
    [
      { connectBackoff: { jitter: '0%' } },
      /connectBackoff.jitter: the jitter of grpc-js is its own/,
    ],
    [{ connectBackoff: { initial: '2s', maximum: '1s' } }, /maximum is below the initial/],
    [
      { connectBackoff, options: { 'grpc.initial_reconnect_backoff_ms': 5 } },
      /give connectBackoff.initial or options/,
    ],
  ];
  for (const [client, message] of table) assert.match(messagesFor(client), message);
});

test('policies that grpc-js accepts are accepted', () => {
  const outlier = {
    outlier_detection: {
      interval: { seconds: 1, nanos: 0 },
      max_ejection_percent: 50,
      failure_percentage_ejection: { threshold: 50, minimum_hosts: 3, request_volume: 5 },
      child_policy: [{ round_robin: {} }],
    },
  };
  for (const balancer of [
    'pick_first',
    'round_robin',
    { pick_first: { shuffleAddressList: true } },
    outlier,
  ]) {
    assert.equal(clientSchema.safeParse({ balancer }).success, true, JSON.stringify(balancer));
  }
});

test('what contradicts itself, or would be cut down silently, is refused', () => {
  const hedgingPolicy = { maxAttempts: 3, hedgingDelay: '20ms' };
  assert.match(messagesFor({ retryPolicy, hedgingPolicy }), /not both/);
  assert.match(messagesFor({ retryPolicy, serviceConfig: {} }), /retryPolicy or serviceConfig/);
  assert.match(
    messagesFor({ retryPolicy: { ...retryPolicy, maxAttempts: 8 } }),
    /at most 5 attempts, not 8/,
  );
  assert.match(
    messagesFor({ retryPolicy: { ...retryPolicy, retryableStatusCodes: ['OK'] } }),
    /OK is not a failure/,
  );
  const raised = { 'grpc-node.retry_max_attempts_limit': 10 };
  const client = { retryPolicy: { ...retryPolicy, maxAttempts: 8 }, options: raised };
  assert.equal(clientSchema.safeParse(client).success, true);
});

test('the wire driver takes no client policy, and says what to use instead', () => {
  assert.equal(
    clientSchema.safeParse({ driver: 'wire', deadline: '1s', channels: 4, connections: 8 }).success,
    true,
  );
  assert.match(messagesFor({ connections: 8 }), /grpc-js has one connection to an address/);
  const options = { 'grpc.initial_reconnect_backoff_ms': 50 };
  assert.equal(clientSchema.safeParse({ driver: 'wire', options }).success, true);
  assert.match(
    messagesFor({ driver: 'wire', options: { ...options, 'grpc.keepalive_time_ms': 1 } }),
    /the wire driver has no options/,
  );
  for (const part of [{ retryPolicy }, { balancer: 'round_robin' }, { serviceConfig: {} }]) {
    const [key = ''] = Object.keys(part);
    assert.match(
      messagesFor({ driver: 'wire', ...part }),
      new RegExp(`the wire driver has no ${key}`),
    );
  }
});

test('message limits, compression and metadata go into the plan as plain data', () => {
  const spec = clientSchema.parse({
    maxReceiveMessageSize: '64KiB',
    maxSendMessageSize: 'unlimited',
    compression: 'gzip',
    metadata: { tenant: 'blue', 'trace-bin': 'AP8=' },
  });
  const { receiveBytesMax, sendBytesMax, compression, metadata } = JSON.parse(
    JSON.stringify(spec),
  ) as typeof spec;
  assert.deepEqual(
    { receiveBytesMax, sendBytesMax, compression, metadata },
    {
      receiveBytesMax: 65_536,
      sendBytesMax: -1,
      compression: 'gzip',
      metadata: { tenant: 'blue', 'trace-bin': 'AP8=' },
    },
  );
  assert.equal(clientSchema.parse({ maxReceiveMessageSize: -1 }).receiveBytesMax, -1);
});

test('messages: what no driver could send or would understand is refused', () => {
  const table: readonly (readonly [object, RegExp])[] = [
    [{ maxReceiveMessageSize: 4096 }, /a size needs a unit, got "4096"/],
    [{ maxSendMessageSize: '-1' }, /a size cannot be negative/],
    [{ compression: 'snappy' }, /compression/],
    [
      { metadata: { 'grpc-timeout': '1S' } },
      /metadata\.grpc-timeout: "grpc-timeout" is a reserved/,
    ],
    [{ metadata: { Tenant: 'x' } }, /"Tenant" is no key/],
    [{ metadata: { tenant: 'zürich' } }, /tenant takes printable ASCII/],
    [{ metadata: { 'trace-bin': 'no base64!' } }, /trace-bin is written in base64/],
    [
      { maxReceiveMessageSize: '1KiB', options: { 'grpc.max_receive_message_length': 5 } },
      /give maxReceiveMessageSize or options "grpc\.max_receive_message_length", not both/,
    ],
  ];
  for (const [client, message] of table) assert.match(messagesFor(client), message);
});

test('watchHealth is the whole server, a name, or several', () => {
  const watched = (watchHealth: unknown) => clientSchema.parse({ watchHealth }).watchHealth;
  assert.deepEqual(watched(true), ['']);
  assert.equal(watched(false), undefined);
  assert.deepEqual(watched('chat.ChatService/Say'), ['chat.ChatService/Say']);
  assert.deepEqual(watched(['', 'a.B', '']), ['', 'a.B']);
  assert.match(messagesFor({ watchHealth: [] }), /^watchHealth/);
});

test('a raw service config goes on word by word; its balancer is seen as grpc-js chooses it', () => {
  const methodConfig = [{ name: [{}], timeout: '0.5s', waitForReady: true, unheard: 'of' }];
  const policies = [{ least_request: {} }, { round_robin: {} }];
  const raw = { loadBalancingConfig: policies, methodConfig, more: 1 };
  const client = clientSchema.parse({ rawServiceConfig: raw });
  assert.equal(client.isServiceConfigRaw, true);
  assert.deepEqual(client.serviceConfig, {
    ...raw,
    loadBalancingConfig: [{ squall_attempts: { child_policy: policies } }],
  });
});

test('a raw service config stands alone, and grpc-js has to make a client with it', () => {
  const rawServiceConfig = { methodConfig: [{ name: [{}], retryPolicy }] };
  for (const part of [{ balancer: 'round_robin' }, { serviceConfig: {} }, { retryPolicy }]) {
    const [name] = Object.keys(part);
    assert.match(
      messagesFor({ rawServiceConfig, ...part }),
      new RegExp(`${name}: give ${name} or rawServiceConfig, not both`),
    );
  }
  const once = { methodConfig: [{ name: [{}], retryPolicy: { ...retryPolicy, maxAttempts: 1 } }] };
  assert.match(
    messagesFor({ rawServiceConfig: once }),
    /rawServiceConfig: grpc-js makes no client with it: .*maxAttempts/,
  );
  for (const policies of [5, [5], [{}], [{ round_robin: {}, pick_first: {} }]]) {
    const listed = { loadBalancingConfig: policies };
    assert.match(messagesFor({ rawServiceConfig: listed }), /grpc-js makes no client with it/);
  }
  assert.match(
    messagesFor({ driver: 'wire', rawServiceConfig }),
    /the wire driver has no rawServiceConfig/,
  );
});
