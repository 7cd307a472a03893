/** Faults on servers that exclude each other, as their user is told of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../base/errors.js';
import { loadScenario } from './load-scenario.js';

/** The lines that a user would see. */
function mistakesIn(text: string): string[] {
  try {
    loadScenario('storm.yaml', text);
  } catch (error) {
    if (error instanceof UserError) return error.message.split('\n');
    throw error;
  }
  return [];
}

test('faults on servers that exclude each other are refused where the later stands', () => {
  const withFaults = (faults: string) => `name: excluded
summary: Which one is seen?
targets: { backends: 2, server: wire }
load: [{ call: unary, arrivals: { constant: 10/s } }]
phases: [{ name: calm, for: 1s }, { name: storm, for: 4s }]
faults:
${faults}`;
  const excluding = `  - health-set: { phase: storm, service: chat.ChatService, status: NOT_SERVING, for: 2s }
  - health-flap: { phase: storm, service: chat.ChatService, period: 1s, at: 1s, backends: [b1] }
  - health-watch: { phase: storm, does: silent }
  - health-watch: { phase: storm, does: error, service: chat.ChatService }
  - proc-cpu: { phase: storm, load: 60% }
  - proc-loop-block: { phase: storm, block: 40ms, every: 100ms, at: 1s, backends: [b0] }
  - proc-pause: { phase: calm }
  - health-set: { phase: calm, status: UNKNOWN, for: 500ms }
`;
  assert.deepEqual(mistakesIn(withFaults(excluding)), [
    'storm.yaml:8:18: health-flap contradicts storm/health-set: both set health "chat.ChatService" ' +
      'of "b1" at once (storm/health-set lasts from 1 s to 3 s of the run)',
    'storm.yaml:10:19: health-watch contradicts storm/health-watch: both set Watch ' +
      '"chat.ChatService" of "b0" at once (storm/health-watch lasts from 1 s to 5 s of the run)',
    'storm.yaml:12:22: proc-loop-block and storm/proc-cpu take 100% of the time of "b0" together ' +
      '(at most 95%, so that it hears of their ends)',
    'storm.yaml:14:17: health-set can never act: under calm/proc-pause its backends do nothing all ' +
      'the while (keep their times or backends apart)',
  ]);
  const together = `  - health-set: { phase: storm, service: chat.ChatService, status: NOT_SERVING, for: 2s }
  - health-set: { phase: storm, service: chat.ChatService, status: NOT_SERVING, at: 1s }
  - health-set: { phase: storm, service: chat.ChatService/Say, status: SERVING }
  - health-set: { phase: storm, status: UNKNOWN, backends: [b0] }
  - health-set: { phase: storm, status: SERVING, backends: [b1] }
  - health-flap: { phase: calm, period: 1s }
  - proc-cpu: { phase: storm, load: 60%, for: 2s }
  - proc-cpu: { phase: storm, load: 60%, at: 2s }
  - proc-pause: { phase: calm, backends: [b1], for: 500ms }
`;
  assert.doesNotThrow(() => loadScenario('storm.yaml', withFaults(together)));
});
