/**
 * The scenarios that come with grpc-squall, without running one: each can be planned, whole and short, asks a
 * question, and claims something.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { answerMistakes } from '../gates/answer-mistakes.js';
import { gateMistakes } from '../gates/gate-mistakes.js';
import { loadScenario } from '../scenarios/load-scenario.js';
import type { Plan } from '../scenarios/plan.js';
import { readScenario, scenarioNames } from './scenario-files.js';

/** Where those about one client are told of. This file runs from dist/src/cli/. */
const PAGE = fileURLToPath(new URL('../../../docs/client-behaviour.md', import.meta.url));

/** CI runs every scenario in its short form, one after another. */
const QUICK_LOAD_NS_MAX = 16e9;

const plans: readonly (readonly [string, { readonly whole: Plan; readonly short: Plan }])[] =
  scenarioNames().map((name) => {
    const { file, text } = readScenario(name);
    const whole = loadScenario(file, text, { gateMistakes, answerMistakes });
    return [
      name,
      { whole, short: loadScenario(file, text, { gateMistakes, answerMistakes, quick: true }) },
    ];
  });

test('a file is named after its scenario, and its summary asks what it answers', () => {
  for (const [name, { whole }] of plans) {
    // In a folder, its own name comes last.
    assert.equal(whole.scenario, name.split('/').at(-1));
    assert.match(whole.summary, /\?$/, name);
  }
});

test('one in a folder goes by a name with the folder in it', () => {
  const { file } = readScenario('grpc-js/rapid-reset');
  assert.match(file, /scenarios\/grpc-js\/rapid-reset\.yaml$/);
  assert.ok(
    scenarioNames().indexOf('zone-outage') < scenarioNames().indexOf('grpc-js/rapid-reset'),
  );
});

test('a mistyped name gets the nearest ones, also with a slash; a path that is none does not', () => {
  for (const [word, told] of [
    ['retry-strom', /^there is no scenario "retry-strom" \(did you mean "retry-storm"\?\)$/],
    [
      'grpc-js/rapid-rest',
      /^there is no scenario "grpc-js\/rapid-rest", and no such file \(did you mean "grpc-js\/rapid-reset"\?\)$/,
    ],
    ['./grpc-js/rapid-reset', /^grpc-js\/rapid-reset: the scenario cannot be read: ENOENT/],
    ['grpc-js/rapid-reset.yaml', /^grpc-js\/rapid-reset\.yaml: the scenario cannot be read/],
  ] as const) {
    assert.throws(() => readScenario(word), { name: 'UserError', message: told });
  }
});

test('a file is read by its path, whatever it is called', () => {
  const folder = mkdtempSync(join(tmpdir(), 'squall-scenario-'));
  try {
    const path = join(folder, 'mine');
    writeFileSync(path, 'name: mine\n');
    for (const word of [path, relative(process.cwd(), path)]) {
      assert.equal(readScenario(word).text, 'name: mine\n', word);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the short form runs the same variants and checks, and is short', () => {
  for (const [name, { whole, short }] of plans) {
    const shapeOf = ({ variants }: Plan) =>
      variants.map((variant) => [variant.name, variant.checks.map(({ kind }) => kind)]);
    assert.deepEqual(shapeOf(short), shapeOf(whole), name);
    const lengthNs = short.variants.reduce((sum, { durationNs }) => sum + durationNs, 0);
    assert.ok(lengthNs <= QUICK_LOAD_NS_MAX, `${name}: ${lengthNs / 1e9} s of load`);
  }
});

test('every scenario can fail: it has checks or gates', () => {
  for (const [name, { whole }] of plans) {
    const claims = whole.gates.length + whole.variants.flatMap(({ checks }) => checks).length;
    assert.ok(claims > 0, name);
  }
});

test('the page on how clients behave names every scenario about one client, their variants, and no other', () => {
  const page = readFileSync(PAGE, 'utf8');
  const told = [...page.matchAll(/`(grpc-js\/[a-z-]+)`(?:, variant `([a-z-]+)`)?/g)];
  const variantsOf = new Map(
    plans.map(([name, { whole }]) => [name, whole.variants.map((variant) => variant.name)]),
  );
  for (const [, name = '', variant] of told) {
    const variants = variantsOf.get(name);
    assert.ok(variants !== undefined, `the page names ${name}`);
    if (variant !== undefined) assert.ok(variants.includes(variant), `${name}: ${variant}`);
  }
  const named = new Set(told.map(([, name]) => name));
  const about = [...variantsOf.keys()].filter((name) => name.startsWith('grpc-js/'));
  assert.deepEqual(
    about.filter((name) => !named.has(name)),
    [],
  );
});
