import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { INLINING_FLAG } from './inlining.js';

test('this V8 knows the flag: one that does not goes on without it', () => {
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  assert.ok(options.includes(`${INLINING_FLAG} `), INLINING_FLAG);
});
