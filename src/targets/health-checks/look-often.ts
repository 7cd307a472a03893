/** Looking at something again and again, on the server's own event loop. */
import { NS_PER_MS } from '../../base/clock.js';
import type { CheckedServer } from './health-check.js';

/** Short against what people act on, and a hundred timers a second cost a server nothing it notices. */
export const LOOK_EVERY_NS = 10 * NS_PER_MS;

/**
 * Looks every 10 ms.
 * @param look is told the time, and how late it is for its turn: what the event loop did instead.
 * @returns ends it.
 */
export function lookOften(
  { now, callAt }: Pick<CheckedServer, 'now' | 'callAt'>,
  look: (nowNs: number, lateNs: number) => void,
): () => void {
  let dueNs = now() + LOOK_EVERY_NS;
  const turn = () => {
    const nowNs = now();
    look(nowNs, nowNs - dueNs);
    dueNs = nowNs + LOOK_EVERY_NS;
    cancel = callAt(dueNs, turn);
  };
  let cancel = callAt(dueNs, turn);
  return () => cancel();
}
