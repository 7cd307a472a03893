/**
 * The short form of `npm run bench:truth`: those truths that say most in a second. Theory holds the model,
 * the model holds every single call of both drivers, and flow control is counted to the octet.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laws } from '../../bench/truth/laws.js';
import { FOUR_SLOTS, runOracle } from '../../bench/truth/oracle.js';
import { isGood, type Row } from '../../bench/truth/row.js';
import { rowsUntilGood } from '../../bench/truth/truth.js';
import { flowControl } from '../../bench/truth/window.js';

const DRIVERS = ['grpc-js', 'wire'] as const;
const SEED = 7;
/** Of the benchmark's seven seconds. */
const SCALE = 0.3;
function assertGood(rows: readonly Row[], least: number): void {
  assert.ok(rows.length >= least, `${rows.length} rows`);
  assert.deepEqual(
    rows.filter((row) => !isGood(row)),
    [],
  );
}

test('the model agrees with theory: drawn times, M/M/1, M/D/1, M/M/8, in turn, Erlang B', () => {
  assertGood(laws.rows(SEED, 100_000), 8);
});

for (const driver of DRIVERS) {
  test(`${driver}: every call takes what its model says, to 0.2 ms in the median`, async (t) => {
    const context = { driver, seed: SEED, scale: SCALE };
    const rows = await rowsUntilGood(() => runOracle(FOUR_SLOTS, context));
    // Where other work took the cores each time, the median says nothing; the slope still does.
    const isDisturbed = ({ verdict }: Row) => verdict === 'invalid';
    for (const { why } of rows.filter(isDisturbed)) t.diagnostic(`undecided: ${why}`);
    assert.equal(rows.length, 2);
    assertGood(
      rows.filter((row) => !isDisturbed(row)),
      1,
    );
  });

  test(`${driver}: without credit exactly a window's octets leave`, async () => {
    assertGood(await flowControl.rows({ driver, seed: SEED, scale: 1 }), 6);
  });
}
