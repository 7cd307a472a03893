/**
 * The record file: what is written is read back, a full disk does not end a run, and what a killed
 * run left behind can be read.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { aLoadLine, aRunLine, aVariantLine } from '../../test/support/record-lines.js';
import { UserError } from '../base/errors.js';
import type { RecordLine } from './record.js';
import { RecordFile, readRecord } from './record-file.js';

const LINES: readonly RecordLine[] = [
  aRunLine({ scenario: 'naïve – ünïcode' }),
  aVariantLine('retry'),
  aLoadLine('retry', 0),
];

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'squall-record-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'record.ndjson');
}

async function collect(path: string): Promise<RecordLine[]> {
  const lines: RecordLine[] = [];
  for await (const line of readRecord(path)) lines.push(line);
  return lines;
}

const textOf = (lines: readonly RecordLine[]) =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

test('what is written is read back, in order', async (t) => {
  const path = await scratch(t);
  const file = new RecordFile(path);
  for (const line of LINES) file.write(line);
  // A worker's last line may come while the file closes: it is too late, and no error.
  const closing = Promise.all([file.close(), file.close()]);
  file.write(aRunLine());
  await closing;
  assert.equal(file.error, undefined);
  assert.deepEqual(await collect(path), LINES);
});

test('a full disk is told once, and writing goes on without effect', async (t) => {
  if (!existsSync('/dev/full')) return t.skip('there is no /dev/full here');
  const errors: Error[] = [];
  const file = new RecordFile('/dev/full', (error) => errors.push(error));
  file.write(aRunLine());
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    file.write(aLoadLine('retry', i));
  }
  await file.close();
  assert.deepEqual(
    errors.map((error) => (error as NodeJS.ErrnoException).code),
    ['ENOSPC'],
  );
  assert.equal(file.error, errors[0]);
});

test('a file that cannot be opened is told as one that cannot be written', async (t) => {
  const errors: Error[] = [];
  const file = new RecordFile(join(await scratch(t), 'no', 'such'), (error) => errors.push(error));
  file.write(aRunLine());
  await file.close();
  assert.equal(errors.length, 1);
});

test('a last line that was cut short is dropped, wherever it was cut', async (t) => {
  const path = await scratch(t);
  const whole = textOf(LINES);
  const lastLength = textOf(LINES.slice(-1)).length;
  for (const cut of [2, 10, lastLength - 1]) {
    await writeFile(path, whole.slice(0, -cut));
    assert.deepEqual(await collect(path), LINES.slice(0, -1));
  }
  // Only its line end is missing: the line is whole.
  await writeFile(path, whole.slice(0, -1));
  assert.deepEqual(await collect(path), LINES);
});

test('a bad line elsewhere is a mistake at its place', async (t) => {
  const path = await scratch(t);
  const run = textOf([aRunLine()]);
  const cases: readonly (readonly [string, RegExp])[] = [
    [`${run}{"type":"load"\n${run}`, /record\.ndjson:2: not a line of a record: .*JSON/],
    [`${run}{"type":"lead"}\n`, /:2: not a line of a record: its type is "lead"/],
    [`${run}null\n`, /:2: not a line of a record: its type is missing/],
    [`${run.replace('record@1', 'record@9')}`, /:1: a record of schema "squall\/record@9"/],
  ];
  for (const [text, message] of cases) {
    await writeFile(path, text);
    await assert.rejects(collect(path), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('a record that is not there is a mistake', async (t) => {
  const path = await scratch(t);
  await assert.rejects(collect(path), /record\.ndjson: the record cannot be read: ENOENT/);
});
