/** What a user sees who makes a mistake: where, what, what to do; exit 2, and nothing started. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { scenarioFile, squall, startSquall, temporaryFolder } from '../support/squall.js';

const SMALL = `name: small
summary: A second of calls.
load: [{ call: unary, arrivals: { constant: 50/s } }]
phases: [{ name: steady, for: 1s }]
`;

test('an unknown scenario: the nearest names are offered', async () => {
  const { exitCode, stdout, stderr } = await squall('--scenario', 'retry-strom');
  assert.equal(exitCode, 2);
  assert.equal(stdout, '');
  assert.equal(stderr, 'there is no scenario "retry-strom" (did you mean "retry-storm"?)\n');
});

test('no scenario, an unknown option, an unknown command', async () => {
  const table: [args: string[], message: RegExp][] = [
    [[], /no scenario was named \(add --scenario NAME/],
    [['--scenaro', 'retry-storm'], /Unknown argument: scenaro/],
    [['retry-storm', '--seed', 'seven'], /--seed: expected a whole number/],
    [['retry-storm', '--workers', '0'], /--workers: expected a whole number from 1 to 256, got 0/],
    [['retry-storm', '--set', 'seed'], /--set seed: expected path=value/],
    [['retry-storm', '--variant', 'retyr'], /--variant retyr: the scenario has no such variant/],
    [['list', 'fault'], /nothing is called "fault" \(did you mean "faults"\?\)/],
    [['report', 'results/none'], /results\/none\/plan\.json: the plan of the run cannot be read/],
    [['run', './missing.yaml'], /missing\.yaml: the scenario cannot be read: ENOENT/],
  ];
  for (const [args, message] of table) {
    const { exitCode, stdout, stderr } = await squall(...args);
    assert.equal(exitCode, 2, `${args.join(' ')}: ${stderr}`);
    assert.equal(stdout, '');
    assert.match(stderr, message);
    assert.ok(!stderr.includes('    at '), `a stack trace: ${stderr}`);
  }
});

test('all mistakes of a file at once, by file, line and column, and nothing started', async () => {
  const file = scenarioFile(`${SMALL.replace('50/s', '-50/s').replace('1s', '1')}
client: { balancer: least_connections }
checks: [{ goodput: { phase: stedy, atLeast: 95% } }]
gates: [{ p99: 50 }]
colour: red
`);
  const out = temporaryFolder();
  const running = startSquall(file, '--out', `${out}/run`);
  const { exitCode, stderr } = await running.finished;
  assert.equal(exitCode, 2);
  const lines = stderr.trimEnd().split('\n');
  // The rate, the phase's length, the balancer, the gate that is no text, the unknown key.
  assert.equal(lines.length, 5, stderr);
  for (const line of lines) assert.match(line, /scenario\.yaml:\d+:\d+: /);
  assert.ok(!existsSync(`${out}/run`), 'a results folder was made');
});

test('names and gates are checked once the words are right', async () => {
  const file = scenarioFile(`${SMALL}
faults: [{ rpc-hang: { phase: storm } }]
checks: [{ goodput: { phase: stedy, atLeast: 95% } }]
gates: ['p(99){phase:stedy} < 50ms', 'p(99) < 50']
`);
  const { exitCode, stderr } = await squall('validate', file);
  assert.equal(exitCode, 2);
  assert.match(stderr, /:6:\d+: there is no phase "storm"/);
  assert.match(stderr, /:7:\d+: goodput: there is no phase "stedy" \(did you mean "steady"\?\)/);
  assert.match(stderr, /:8: gate "p\(99\)\{phase:stedy\} < 50ms": there is no phase "stedy"/);
  assert.match(stderr, /:8: gate "p\(99\) < 50", character \d+: /);
});

test('retries that would multiply, be cut down, or throttle nothing; names that nobody has', async () => {
  const policy =
    'initialBackoff: 1ms, maxBackoff: 1s, backoffMultiplier: 2, retryableStatusCodes: [ABORTED]';
  const four = `retryPolicy: { maxAttempts: 4, ${policy} }`;
  const throttling = 'retryThrottling: { maxTokens: 10, tokenRatio: 0.1 }';
  const wrongClients: [client: string, mistake: RegExp][] = [
    [
      `${four}, hedgingPolicy: { maxAttempts: 2 }`,
      /retryPolicy or a hedgingPolicy, not both \(use/,
    ],
    [
      `${four}, interceptors: [{ retry: { attempts: 3 } }]`,
      /retry and a retryPolicy: .*\(leave one/,
    ],
    ['hedgingPolicy: { maxAttempts: 9 }', /at most 5 attempts, not 9 \(set options/],
    [throttling, /without a retryPolicy throttles nothing \(give a retryPolicy/],
    [
      `hedgingPolicy: { maxAttempts: 3 }, ${throttling}`,
      /does not throttle hedges.*\(leave it out/,
    ],
    [
      `${four}, options: { grpc.enable_retries: 0 }`,
      /"grpc.enable_retries" is 0: .*\(leave it out/,
    ],
  ];
  const variants = wrongClients.map(([client], at) => `  v${at}: { client: { ${client} } }`);
  const named = 'checks: [{ hedging-gain: { phase: stedy, against: v9, gainAtLeast: 1% } }]';
  const file = scenarioFile(`${SMALL}variants:\n${variants.join('\n')}\n`);
  const names = scenarioFile(`${SMALL}${named}\n`);
  const { exitCode, stderr } = await squall('validate', file, names);
  assert.equal(exitCode, 2);
  const lines = stderr.trimEnd().split('\n');
  for (const [at, [, mistake]] of wrongClients.entries()) {
    const place = `scenario.yaml:${at + 6}:`;
    const told = lines.filter((line) => line.includes(place));
    assert.equal(told.length, 1, `${place}\n${stderr}`);
    assert.match(told[0] ?? '', mistake);
  }
  assert.match(
    stderr,
    /:5:\d+: hedging-gain: there is no phase "stedy" \(did you mean "steady"\?\)/,
  );
  assert.match(stderr, /:5:\d+: hedging-gain: there is no variant "v9"/);
});

test('a port in use is named, with what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const file = scenarioFile(`${SMALL}targets: { port: ${port} }\n`);
    const { exitCode, stderr } = await squall(file, '--out', temporaryFolder());
    assert.equal(exitCode, 2, stderr);
    assert.ok(stderr.includes(`127.0.0.1:${port}`), stderr);
  } finally {
    server.close();
  }
});

test('a results folder that cannot be made is said before anything starts', async () => {
  const { exitCode, stderr } = await squall(scenarioFile(SMALL), '--out', '/proc/nowhere');
  assert.equal(exitCode, 2);
  assert.match(stderr, /--out: cannot write results to \/proc\/nowhere/);
});

test('the scenarios that come with squall are valid, and each is listed with its question', async () => {
  const names = readdirSync('scenarios', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace('.yaml', ''));
  const validated = await squall('validate', ...names);
  assert.equal(validated.exitCode, 0, validated.stderr);
  const { stdout } = await squall('list', 'scenarios');
  for (const name of names) assert.ok(stdout.includes(name), name);
});
