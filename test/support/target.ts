/** A backend in the test's own process: half a second less than one in its own. */

import type { TargetConfig, TargetEvent } from '../../src/targets/protocol.js';
import type { BackendSpec } from '../../src/targets/spec.js';
import { startTarget, type Target } from '../../src/targets/target-server.js';

export interface TestTarget extends Disposable {
  readonly target: Target;
  readonly address: string;
}

/** @param event told of what happens on it. */
export async function startTestTarget(
  backend: Partial<BackendSpec>,
  config: Partial<TargetConfig> = {},
  event: (event: TargetEvent) => void = () => {},
): Promise<TestTarget> {
  const target = await startTarget(
    {
      backend: { name: 'b0', port: 0, ...backend },
      seed: 1,
      faults: [],
      intervalNs: 1e9,
      ...config,
    },
    { snapshot() {}, event },
  );
  const address = `127.0.0.1:${target.port}`;
  return { address, target, [Symbol.dispose]: () => target.stop() };
}
