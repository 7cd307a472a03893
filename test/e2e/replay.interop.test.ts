/** A replayed load as a user runs it: each time of the file is a call, dealt out to two workers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readSummary, scenarioFile, squall, temporaryFolder } from '../support/squall.js';

const REPLAY = `name: again
summary: A recorded half second, replayed twice as fast, over and over.
client: { driver: wire, deadline: 1s }
targets: { server: wire }
load: [{ call: unary, arrivals: { replay: { file: times.txt, speed: 2, repeat: 500ms } } }]
phases: [{ name: one, for: 250ms }, { name: two, for: 250ms }]
gates: ['count(offered) == 60', 'count(ok) == 60']
`;

test('a recording’s calls are made again, in each round and phase the same', async () => {
  const file = scenarioFile(REPLAY);
  // Thirty calls within 400 ms, in three bursts of ten.
  const times = [10, 10.2, 10.4].flatMap((start) => new Array<number>(10).fill(start));
  writeFileSync(join(dirname(file), 'times.txt'), times.join('\n'));
  const folder = temporaryFolder();
  const { exitCode, stdout, stderr } = await squall(file, '--out', folder);
  assert.equal(exitCode, 0, stdout + stderr);
  const phases = readSummary(folder).variants[0]?.phases ?? [];
  assert.deepEqual(
    phases.map(({ calls }) => calls.offered),
    [30, 30],
  );
});
