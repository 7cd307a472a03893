/** A change on a health board as an event of the record. */
import type { HealthChange } from './health-board.js';
import { serviceOfMethod } from './health-names.js';
import type { TargetEvent } from './protocol.js';

/** @param backend the backend's name. */
export function healthEvent(backend: string, change: HealthChange, atNs: number): TargetEvent {
  const { names, status, why } = change;
  const [first, ...others] = names.filter((name) => !followsOneOf(names, name));
  const who =
    others.length === 0
      ? `service "${first}" is`
      : `services ${[first, ...others].map((name) => `"${name}"`).join(', ')} are`;
  const because = why === undefined ? '' : ` (${why})`;
  return {
    atNs,
    kind: 'health',
    detail: `${backend}: ${who} ${status ?? 'unknown'}${because}`,
    subject: backend,
    health: { services: names, to: status ?? 'SERVICE_UNKNOWN' },
  };
}

/** A method that changed with its service goes without saying. */
function followsOneOf(names: readonly string[], name: string): boolean {
  const service = serviceOfMethod(name);
  return service !== undefined && names.includes(service);
}
