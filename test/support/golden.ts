/**
 * Goldens: what a report looked like when somebody last looked at it.
 *
 * `UPDATE_GOLDEN=1` writes them anew; the difference is then for the reviewer to read.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** test/golden/, seen from this file's place in dist/test/support/. */
const folder = new URL('../../../test/golden/', import.meta.url);

/** Fails unless `actual` is what test/golden/`name` holds. */
export function matchGolden(name: string, actual: string): void {
  const path = fileURLToPath(new URL(name, folder));
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
    return;
  }
  let expected: string;
  try {
    expected = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`there is no golden ${name}: run the test with UPDATE_GOLDEN=1`, { cause });
  }
  assert.equal(actual, expected, `${name} differs; if it should, run with UPDATE_GOLDEN=1`);
}
