import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { frameFaultTable } from './h2-faults.case.js';

/** This file runs from dist/src/proxy/. */
const PAGE = fileURLToPath(new URL('../../../docs/client-behaviour.md', import.meta.url));

test('the page on how clients behave has the very table that the tests hold clients to', () => {
  const page = readFileSync(PAGE, 'utf8');
  assert.ok(page.includes(frameFaultTable()), `it should have:\n${frameFaultTable()}`);
});
