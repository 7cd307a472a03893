/** Waiting for something to become true, with a limit: for what no event tells of. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until `isTrue`, asking every few milliseconds.
 * @throws Error that says `what` was waited for, after `limitMs`.
 */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  limitMs = 5_000,
): Promise<void> {
  const giveUpMs = performance.now() + limitMs;
  while (!(await isTrue())) {
    if (performance.now() > giveUpMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await sleep(5);
  }
}
