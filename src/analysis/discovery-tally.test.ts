import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aLoadLine, aVariant, phasesOf, seconds } from '../../test/support/record-lines.js';
import type { DiscoverySaid, EventLine } from '../metrics/record.js';
import { discoveryTally } from './discovery-tally.js';

const set = {
  id: 'storm/disc-set',
  kind: 'disc-set',
  phase: 'storm',
  fromNs: 0,
  toNs: seconds(1),
  backends: ['b0'],
  options: {},
};
const plan = aVariant('v', { phases: phasesOf(['storm', 2]), faults: [set] });

function said(worker: number, atMs: number, discovery: DiscoverySaid): EventLine {
  const subject = `worker ${worker}`;
  return {
    type: 'event',
    variant: 'v',
    atNs: atMs * 1e6,
    kind: 'discovery',
    detail: '',
    subject,
    discovery,
  };
}

test('what each worker was told has no gap; what was asked adds up', () => {
  const tally = discoveryTally(plan);
  const failure = { code: 'UNAVAILABLE', details: 'down' } as const;
  // In any order: records of several shards are put together.
  tally.addEvent(said(10, 500, { backends: [] }));
  tally.addEvent(said(2, 1_500, failure));
  tally.addEvent(said(2, 1_000, { backends: ['b0'] }));
  tally.addLoad(aLoadLine('v', 0, { worker: 2, discovery: { asked: 3, told: 2 } }));
  tally.addLoad(aLoadLine('v', 0, { worker: 10, discovery: { asked: 0, told: 4 } }));
  tally.addLoad(aLoadLine('v', 0, { worker: 11, discovery: { asked: 1, told: 0 } }));
  const all = { backends: ['b0', 'b1', 'b2'] };
  assert.deepEqual(tally.summarise(seconds(2)), {
    asked: 4,
    told: 6,
    timelines: [
      {
        worker: 'worker 2',
        spans: [
          { fromMs: 0, toMs: 1_000, said: all },
          { fromMs: 1_000, toMs: 1_500, said: { backends: ['b0'] } },
          { fromMs: 1_500, toMs: 2_000, said: failure },
        ],
      },
      {
        worker: 'worker 10',
        spans: [
          { fromMs: 0, toMs: 500, said: all },
          { fromMs: 500, toMs: 2_000, said: { backends: [] } },
        ],
      },
      { worker: 'worker 11', spans: [{ fromMs: 0, toMs: 2_000, said: all }] },
    ],
  });
});

test('nothing where no fault acts on name resolution', () => {
  assert.equal(discoveryTally(aVariant('v')).summarise(seconds(2)), undefined);
});
