/** Each kind of interceptor between a real client and a real server of grpc-js. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeChains } from '../../test/support/chains.js';
import { startEcho } from '../../test/support/echo.js';
import { until } from '../../test/support/until.js';
import { sumStatusCounts } from '../analysis/status-counts.js';
import { formatCallId } from '../base/call-id.js';
import { readMerged } from '../metrics/merged-durations.js';
import type { InterceptorCell } from '../metrics/record.js';
import { REMAINING_KEY } from './deadline-propagation.js';
import { interceptors } from './index.js';
import { type InterceptorExample, interceptorCases } from './interceptor.case.js';
import { ChainObservations } from './observations.js';

const CODE = { ok: 0, deadline: 4, precondition: 9, unavailable: 14, unauthenticated: 16 };

const examples: Record<keyof typeof interceptors, InterceptorExample> = {
  auth: { options: { token: 'secret' }, metadata: { authorization: 'Bearer secret' } },
  'deadline-propagation': { options: { budget: '10s' } },
  delay: { options: '3ms' },
  'error-mapping': { options: { from: 'FAILED_PRECONDITION', to: 'ABORTED' } },
  logging: { options: { share: '100%' } },
  metrics: { options: {} },
  pass: { options: {} },
  retry: { options: { attempts: 3, backoff: { initial: '1ms', maximum: '2ms' } } },
};

for (const [kind, entry] of Object.entries(interceptors)) {
  interceptorCases(kind, entry, examples[kind as keyof typeof interceptors]);
}

test('auth: the token of the client is the one that the server asks for', async () => {
  const server = [{ auth: { token: 'secret' } }];
  const table: [client: unknown[], code: number, details: string][] = [
    [[{ auth: { token: 'secret' } }], CODE.ok, 'OK'],
    [[{ auth: { token: 'Secret' } }], CODE.unauthenticated, 'not the right token'],
    [[], CODE.unauthenticated, 'no token'],
  ];
  for (const [client, code, details] of table) {
    await using echo = await startEcho(makeChains({ client, server }));
    const unary = await echo.unary('hi');
    assert.deepEqual([unary.code, unary.details], [code, details]);
    const stream = echo.stream();
    stream.end();
    assert.equal((await stream.ended).code, code);
    assert.equal(echo.seen.length, code === CODE.ok ? 2 : 0, 'no work is done for a refused call');
  }
});

test('error-mapping: in the order of the chain, details and trailers kept', async () => {
  const map = (from: string | string[], to: string) => ({ 'error-mapping': { from, to } });
  const table: [client: unknown[], server: unknown[], code: number][] = [
    [[], [map('FAILED_PRECONDITION', 'UNAVAILABLE')], CODE.unavailable],
    [[map(['INTERNAL', 'FAILED_PRECONDITION'], 'UNAVAILABLE')], [], CODE.unavailable],
    [[map('INTERNAL', 'UNAVAILABLE')], [], CODE.precondition],
    // A status passes a chain from its end to its beginning.
    [
      [map('UNAVAILABLE', 'UNAUTHENTICATED'), map('FAILED_PRECONDITION', 'UNAVAILABLE')],
      [],
      CODE.unauthenticated,
    ],
    [
      [map('FAILED_PRECONDITION', 'UNAVAILABLE'), map('UNAVAILABLE', 'UNAUTHENTICATED')],
      [],
      CODE.unavailable,
    ],
  ];
  for (const [client, server, code] of table) {
    await using echo = await startEcho(makeChains({ client, server }));
    const failed = await echo.unary('fail');
    assert.equal(failed.code, code);
    assert.equal(failed.details, 'as asked');
    assert.deepEqual(failed.metadata.get('why'), ['asked']);
    assert.equal((await echo.unary('hi')).code, CODE.ok);
  }
});

test('metrics: each call once, by its status, and nothing twice', async () => {
  for (const side of ['client', 'server'] as const) {
    const chains = makeChains({ [side]: ['metrics', 'pass', 'metrics'] });
    const saw = side === 'client' ? chains.clientSaw : chains.serverSaw;
    await using echo = await startEcho(chains);
    for (const text of ['hi', 'fail', 'hi']) await echo.unary(text);
    assert.equal((await echo.unary('hang', { deadlineMs: 60 })).code, CODE.deadline);
    const cells: InterceptorCell[] = [];
    const total = (name: string) =>
      sumStatusCounts(
        cells.filter(({ interceptor }) => interceptor === name).map(({ byCode }) => byCode),
      );
    // A server hears of a cancel a little later.
    const late = side === 'client' ? 'DEADLINE_EXCEEDED' : 'CANCELLED';
    await until('the late call is counted', () => {
      cells.push(...saw.takeCounts());
      return total('metrics')[late] === 1;
    });
    for (const name of ['metrics', 'metrics#2']) {
      assert.deepEqual(total(name), { OK: 2, FAILED_PRECONDITION: 1, [late]: 1 }, side);
    }
    assert.deepEqual(saw.takeCounts(), []);
  }
});

test('delay: what stands before it in the chain waits, what stands after it does not', async () => {
  const shortestUs = (cells: readonly InterceptorCell[], name: string) => {
    const cell = cells.find(({ interceptor }) => interceptor === name);
    assert.ok(cell?.duration !== undefined, name);
    return readMerged([cell.duration], (sum) => sum.minNs) / 1e3;
  };
  for (const side of ['client', 'server'] as const) {
    const chains = makeChains({ [side]: ['metrics', { delay: '100ms' }, 'metrics'] });
    await using echo = await startEcho(chains);
    // The first call connects; without it that would be in both.
    await echo.unary('hi');
    const saw = side === 'client' ? chains.clientSaw : chains.serverSaw;
    saw.takeCounts();
    await echo.unary('hi');
    const cells = saw.takeCounts();
    assert.ok(shortestUs(cells, 'metrics') >= 99_900);
    const beyond = shortestUs(cells, 'metrics') - shortestUs(cells, 'metrics#2');
    assert.ok(beyond >= 99_000, `${side}: the delay took ${beyond} us`);
  }
});

test('deadline-propagation: the client has no more than its budget', async () => {
  const client = [{ 'deadline-propagation': { budget: '50ms' } }];
  await using echo = await startEcho(makeChains({ client }));
  for (const settings of [{}, { deadlineMs: 60_000 }]) {
    const startMs = performance.now();
    assert.equal((await echo.unary('hang', settings)).code, CODE.deadline);
    assert.ok(performance.now() - startMs < 30_000, 'not its own deadline');
  }
  assert.equal((await echo.unary('hi')).code, CODE.ok);
});

test('deadline-propagation: a handler is told what is left, and asked for nothing late', async () => {
  const remaining = async (options: object, deadlineMs?: number) => {
    await using echo = await startEcho(
      makeChains({ server: [{ 'deadline-propagation': options }] }),
    );
    const settings = { metadata: { [REMAINING_KEY]: '1' } };
    const { code } = await echo.unary('hi', {
      ...settings,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
    const [metadata] = echo.seen;
    return { code, us: metadata?.get(REMAINING_KEY).map(Number) };
  };
  assert.deepEqual(await remaining({}), { code: CODE.ok, us: [] }, 'a client does not say it');
  const [given = 0] = (await remaining({}, 60_000)).us ?? [];
  assert.ok(given > 50e6 && given <= 60_001e3, `${given} us`);
  assert.deepEqual((await remaining({ budget: '2s' })).us, [2e6]);
  assert.deepEqual((await remaining({ budget: '2s', reserve: '500ms' }, 60_000)).us, [1.5e6]);
  const late = await remaining({ reserve: '50s' }, 40_000);
  assert.deepEqual(late, { code: CODE.deadline, us: undefined });
});

test('logging: of numbered calls both sides log the same, and no more than is asked for', async () => {
  const numbered = (ordinal: number) => ({ metadata: { 'squall-call': formatCallId(ordinal, 0) } });
  const run = async (options: object) => {
    const chains = makeChains({ client: [{ logging: options }], server: [{ logging: options }] });
    await using echo = await startEcho(chains);
    for (let ordinal = 0; ordinal < 60; ordinal++) {
      await echo.unary(ordinal === 7 ? 'fail' : 'hi', numbered(ordinal));
    }
    return [chains.clientSaw.takeLogged(), chains.serverSaw.takeLogged()] as const;
  };
  const [client, server] = await run({ share: '25%', perInterval: 1000 });
  const calls = client.map(({ call }) => call);
  assert.ok(calls.length > 3 && calls.length < 40, `${calls.length} of 60 logged`);
  assert.deepEqual(
    server.map(({ call }) => call),
    calls,
  );
  const [all] = await run({ share: '100%', perInterval: 10 });
  assert.equal(all.length, 10, 'the rest is dropped');
  const { atNs: _, tookNs, ...seventh } = all[7] ?? assert.fail();
  assert.ok(tookNs > 0);
  assert.deepEqual(seventh, {
    interceptor: 'logging',
    method: '/test.Echo/Unary',
    call: 7,
    status: 'FAILED_PRECONDITION',
    details: 'as asked',
  });
});

test('nothing is counted or logged by chains that do not ask for it', async () => {
  const chains = makeChains({ client: ['pass'], server: ['pass'] });
  await using echo = await startEcho(chains);
  await echo.unary('hi');
  assert.deepEqual(chains.clientSaw.takeCounts(), []);
  assert.deepEqual(chains.serverSaw.takeLogged(), []);
});

test('however many methods an interceptor names, so many are counted apart and none is lost', () => {
  using saw = new ChainObservations();
  for (let call = 0; call < 300; call++) saw.count('own', `/a/m${call}`, CODE.ok, 1e6);
  const cells = saw.takeCounts();
  assert.equal(cells.length, 101);
  assert.deepEqual(cells.at(-1)?.byCode, { OK: 200 });
  for (let event = 0; event < 300; event++) saw.countEvent('own', '/a/m0', `event ${event}`);
  const { events = {} } = saw.takeCounts()[0] ?? {};
  assert.deepEqual([Object.keys(events).length, events['other events']], [51, 250]);
  assert.deepEqual(saw.takeCounts(), []);
});
