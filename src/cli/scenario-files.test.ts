/**
 * The scenarios that come with grpc-squall, without running one: each can be planned, whole and short, asks a
 * question, and claims something.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateMistakes } from '../gates/gate-mistakes.js';
import { loadScenario } from '../scenarios/load-scenario.js';
import type { Plan } from '../scenarios/plan.js';
import { readScenario, scenarioNames } from './scenario-files.js';

/** CI runs every scenario in its short form, one after another. */
const QUICK_LOAD_NS_MAX = 16e9;

const plans: readonly (readonly [string, { readonly whole: Plan; readonly short: Plan }])[] =
  scenarioNames().map((name) => {
    const { file, text } = readScenario(name);
    const whole = loadScenario(file, text, { gateMistakes });
    return [name, { whole, short: loadScenario(file, text, { gateMistakes, quick: true }) }];
  });

test('a file is named after its scenario, and its summary asks what it answers', () => {
  for (const [name, { whole }] of plans) {
    // In a folder, its own name comes last.
    assert.equal(whole.scenario, name.split('/').at(-1));
    assert.match(whole.summary, /\?$/, name);
  }
});

test('one in a folder goes by a name with the folder in it, which is no path; others with a slash are', () => {
  const { file } = readScenario('grpc-js/rapid-reset');
  assert.match(file, /scenarios\/grpc-js\/rapid-reset\.yaml$/);
  assert.throws(() => readScenario('grpc-js/nothing'), /cannot be read/);
  assert.ok(
    scenarioNames().indexOf('zone-outage') < scenarioNames().indexOf('grpc-js/rapid-reset'),
  );
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
