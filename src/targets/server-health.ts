/** All that a backend has of health: what it says, who is told, and the checks that have a say. */
import { createHealthBoard, type HealthChange } from './health-board.js';
import { type CheckHost, createHealthChecks } from './health-checks/run-checks.js';
import { HEALTH_NAMES } from './health-names.js';
import type { HealthParts } from './health-service.js';
import { createHealthWatches } from './health-watches.js';
import type { BackendSpec } from './spec.js';

export interface ServerHealth extends HealthParts {
  /** Lets the checks look; the function that it returns ends that. */
  startChecks(host: CheckHost): () => void;
}

/** @param onChange told of every change of what the backend says. */
export function createServerHealth(
  backend: BackendSpec,
  onChange: (change: HealthChange) => void,
): ServerHealth {
  const board = createHealthBoard(HEALTH_NAMES, onChange);
  return {
    board,
    watches: createHealthWatches(board),
    startChecks: createHealthChecks(backend.healthChecks ?? [], board),
  };
}
