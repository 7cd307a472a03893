/** Channel arguments for servers: which are taken, where they arrive, and what refuses the others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetsSchema } from './spec.js';

/** What is wrong with them, and what to do. */
function mistakes(targets: object): string[] {
  const parsed = targetsSchema.safeParse(targets);
  return (parsed.error?.issues ?? []).map((issue) => {
    const { hint } = (issue as { params?: { hint?: string } }).params ?? {};
    return `${issue.path.join('/')}: ${issue.message}${hint === undefined ? '' : ` (${hint})`}`;
  });
}

test('each backend of grpc-js has them; absent they are absent', () => {
  const options = { 'grpc.max_connection_idle_ms': 5000, 'grpc-node.max_session_memory': 50 };
  const backends = targetsSchema.parse({ backends: 2, options });
  assert.deepEqual(
    backends.map((backend) => backend.options),
    [options, options],
  );
  assert.ok(!('options' in (targetsSchema.parse({})[0] ?? assert.fail())));
});

test('refused: other names, what has a key of its own, and servers that are not of grpc-js', () => {
  assert.match(mistakes({ options: { idle: 5 } }).join(), /begins with "grpc\." or "grpc-node\."/);
  assert.deepEqual(mistakes({ options: { 'grpc.max_concurrent_streams': 3 } }), [
    'options/grpc.max_concurrent_streams: "grpc.max_concurrent_streams" is set by squall (give maxConcurrentStreams)',
  ]);
  assert.deepEqual(mistakes({ server: 'wire', options: { 'grpc.x': 1 } }), [
    'options: the wire server takes no channel arguments: they are of grpc-js (use server: grpc-js)',
  ]);
});
