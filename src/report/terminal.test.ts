/**
 * The terminal report: what a person reads, so a golden says whether it still looks good.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { analysed } from '../../test/support/analysed.js';
import { matchGolden } from '../../test/support/golden.js';
import { syntheticPlan, syntheticRecord } from '../../test/support/synthetic-run.js';
import { answerOf } from '../gates/answer.js';
import { evaluateGates } from '../gates/evaluate-gates.js';
import { outcomeOf } from '../gates/outcome.js';
import type { Summary } from '../metrics/summary.js';
import { assembleSummary } from './assemble-summary.js';
import { summaryJson } from './json.js';
import { renderTerminal } from './terminal.js';

function syntheticSummary(): Summary {
  const findings = analysed(syntheticPlan, syntheticRecord());
  const gates = evaluateGates(syntheticPlan, findings);
  const outcome = outcomeOf({ ...findings, gates, interrupted: false });
  return assembleSummary(findings, gates, answerOf(syntheticPlan, findings), outcome);
}

test('a whole run at 100 columns', () => {
  const text = renderTerminal(syntheticSummary(), { colour: false, width: 100 });
  for (const line of text.split('\n')) assert.ok(line.length <= 100, `too wide: ${line}`);
  matchGolden('terminal-100.txt', text);
});

test('colour changes nothing but colour', () => {
  const summary = syntheticSummary();
  const plain = renderTerminal(summary, { colour: false, width: 120 });
  const coloured = renderTerminal(summary, { colour: true, width: 120 });
  assert.notEqual(coloured, plain);
  assert.equal(stripVTControlCharacters(plain), plain);
  assert.equal(stripVTControlCharacters(coloured).replace(/ +$/gm, ''), plain);
});

test('control characters from servers and files do not reach the terminal', () => {
  const summary = syntheticSummary();
  const [variant] = summary.variants;
  assert.ok(variant);
  const evil = {
    ...variant,
    complete: false,
    reason: 'b1\u001b[2J said \u0007hello\r\nPASS\u202e',
  };
  const text = renderTerminal({ ...summary, variants: [evil] }, { colour: false, width: 100 });
  assert.match(text, /not complete: b1 said hello PASS/);
  for (const control of '\u0007\u001b\r\u202e') assert.ok(!text.includes(control));
});

test('what a variant says of itself stands under its name', () => {
  const summary = syntheticSummary();
  const variants = summary.variants.map((one) => ({ ...one, about: `says ${'much '.repeat(30)}` }));
  const text = renderTerminal({ ...summary, variants }, { colour: false, width: 100 });
  assert.match(
    text,
    /── no-retry \(grpc-js\) ─+\n\n {2}says much much .*much\n {2}much .*\n\n {2}phase/,
  );
});

test('calls that waited for a stream are told beside how calls ended', () => {
  const summary = syntheticSummary();
  const variants = summary.variants.map((variant) => ({
    ...variant,
    phases: variant.phases.map((phase) => ({ ...phase, calls: { ...phase.calls, queued: 1234 } })),
  }));
  const text = renderTerminal({ ...summary, variants }, { colour: false, width: 160 });
  // Beside: it is not how any of them ended.
  assert.match(text, /\n +\(1,234 waited for a stream\)/);
});

test('a saturated generator: which variant’s it was, and what still counts', () => {
  const summary = syntheticSummary();
  const saturated = { saturated: true, reasons: ['in storm, the loop was busy'] };
  const [first, ...others] = summary.variants;
  assert.ok(first !== undefined && others.length > 0);
  const variants = [{ ...first, generator: saturated }, ...others];
  const text = renderTerminal(
    { ...summary, variants, generator: saturated },
    { colour: false, width: 200 },
  );
  assert.match(
    text,
    /SATURATED: in storm, .*; latencies and good calls .* not .*, counts of calls/,
  );
  assert.match(text, new RegExp(`the generator was saturated \\(${first.name}\\)`));
});

test('summary.json holds the whole summary and nothing undefined', () => {
  const summary = syntheticSummary();
  const text = summaryJson(summary);
  assert.deepEqual(JSON.parse(text), summary);
  matchGolden('summary.json', text);
});
