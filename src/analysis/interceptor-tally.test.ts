/** CPU time and what interceptors counted: by phase, from lines in any order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aLoad,
  aLoadLine,
  aTargetLine,
  aVariant,
  durationsOf,
  okCalls,
  phasesOf,
} from '../../test/support/record-lines.js';
import { cpuTally } from './cpu-tally.js';
import { interceptorTally } from './interceptor-tally.js';

const PHASES = phasesOf(['baseline', 2], ['storm', 1]);

/** Of one chain's two tiers; b0 and b1 are front ones. */
const tierOf = (backend: string) => (backend === 'back-0' ? 'back' : 'front');

const cell = (interceptor: string, ok: number, unavailable = 0) => ({
  interceptor,
  method: '/chat.ChatService/Say',
  byCode: { OK: ok, ...(unavailable === 0 ? {} : { UNAVAILABLE: unavailable }) },
  duration: durationsOf([5, ok + unavailable]),
});

test('counts of one interceptor add up over intervals, workers and backends, by phase', () => {
  const lines = [
    aLoadLine('v', 0, { interceptors: [cell('metrics', 3), cell('metrics#2', 1)] }),
    aLoadLine('v', 1, { worker: 1, interceptors: [cell('metrics', 2, 4)] }),
    aLoadLine('v', 2, { interceptors: [cell('metrics', 7)] }),
  ];
  const targets = [
    aTargetLine('v', 'b0', 0, { interceptors: [cell('metrics', 5)] }),
    aTargetLine('v', 'b1', 1, { interceptors: [cell('metrics', 6)] }),
    aTargetLine('v', 'b1', 2),
  ];
  for (const [loads, servers] of [
    [lines, targets],
    [lines.toReversed(), targets.toReversed()],
  ] as const) {
    const tally = interceptorTally(PHASES, tierOf);
    for (const line of servers) tally.addTarget(line);
    for (const line of loads) tally.addLoad(line);
    assert.deepEqual(
      tally
        .in('baseline')
        ?.map(({ side, interceptor, byCode, durationUs }) => [
          `${side} ${interceptor}`,
          byCode,
          durationUs?.count,
        ]),
      [
        ['client metrics', { OK: 5, UNAVAILABLE: 4 }, 9],
        ['client metrics#2', { OK: 1 }, 1],
        ['server metrics', { OK: 11 }, 11],
      ],
    );
    assert.deepEqual(
      tally.in('storm')?.map(({ byCode }) => byCode),
      [{ OK: 7 }],
    );
  }
  assert.equal(interceptorTally(PHASES, tierOf).in('baseline'), undefined);
});

test('CPU time is divided by the calls of the same intervals, unless streams share it', () => {
  const generator = { loopBusyShare: 0.2, cpuShare: 0.5 };
  const fill = (variant: ReturnType<typeof aVariant>) => {
    const tally = cpuTally(variant);
    // Half a second of each of two workers, and a third worker whose system does not tell.
    for (const worker of [0, 1]) {
      const calls = [okCalls('baseline', 1000)];
      tally.addLoad(aLoadLine('v', 0, { worker, generator, calls }));
    }
    tally.addLoad(aLoadLine('v', 0, { worker: 2, calls: [okCalls('baseline', 1000)] }));
    const answered = { answeredByCode: { OK: 700, UNAVAILABLE: 200 }, cancelled: 100 };
    tally.addTarget(aTargetLine('v', 'b0', 0, { ...answered, cpuNs: 40e6 }));
    tally.addTarget(aTargetLine('v', 'b1', 0, { ...answered, cpuNs: 60e6 }));
    return tally;
  };
  const unary = aVariant('v', { phases: PHASES });
  assert.deepEqual(fill(unary).in('baseline'), {
    clientMs: 1000,
    serverMs: 100,
    clientUsPerCall: 500,
    serverUsPerAttempt: 50,
  });
  assert.equal(fill(unary).in('storm'), undefined);
  const chat = aLoad('chat', { call: { kind: 'chat', options: {} } });
  const streams = aVariant('v', { phases: PHASES, loads: [aLoad('say'), chat] });
  assert.deepEqual(fill(streams).in('baseline'), { clientMs: 1000, serverMs: 100 });
});

test('what an interceptor did adds up, also where it counted no calls', () => {
  const did = (events: Record<string, number>) => ({
    interceptor: 'retry',
    method: '/chat.ChatService/Say',
    byCode: {},
    events,
  });
  const tally = interceptorTally(PHASES, tierOf);
  tally.addLoad(aLoadLine('v', 1, { interceptors: [did({ retry: 3, 'no retry: budget': 1 })] }));
  tally.addLoad(aLoadLine('v', 0, { worker: 1, interceptors: [did({ retry: 4 })] }));
  tally.addLoad(aLoadLine('v', 2, { interceptors: [did({ 'no retry: deadline': 9 })] }));
  const events = (phase: string) => tally.in(phase)?.map((summary) => summary.events);
  assert.deepEqual(events('baseline'), [{ 'no retry: budget': 1, retry: 7 }]);
  assert.deepEqual(events('storm'), [{ 'no retry: deadline': 9 }]);
});

test("what one tier's interceptors counted is told apart from another's", () => {
  const tally = interceptorTally(PHASES, tierOf);
  tally.addTarget(aTargetLine('v', 'b0', 0, { interceptors: [cell('metrics', 5)] }));
  tally.addTarget(aTargetLine('v', 'back-0', 0, { interceptors: [cell('metrics', 2)] }));
  assert.deepEqual(
    tally.in('baseline')?.map(({ tier, byCode }) => [tier, byCode.OK]),
    [
      [undefined, 5],
      ['back', 2],
    ],
  );
});
