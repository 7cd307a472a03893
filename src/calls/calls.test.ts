/** The catalogue of calls as such; what calls do is tested with servers, in `src/workers/`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyCallKind } from './call.js';
import { calls } from './index.js';

test('every entry stands under its own kind', () => {
  for (const [key, entry] of Object.entries<AnyCallKind>(calls)) assert.equal(entry.kind, key);
});
