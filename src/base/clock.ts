/**
 * Time: integers of nanoseconds on the machine's monotonic clock.
 *
 * Every process and thread of one machine reads the same monotonic clock, so a due time computed in
 * a worker can be compared with a receive time read in a backend. A run's **load clock** is that
 * clock minus `zeroNs`, the moment its first phase began; everything that is recorded is in it.
 */

/** Nanoseconds on a monotonic clock. Exact up to 2^53 ns, 104 days after boot. */
export type NowNs = () => number;

/** Taken once: the global `process` is an accessor, and asking it is a fifth of what reading costs. */
const { hrtime } = process;

/** The machine's monotonic clock. */
export const monotonicNowNs: NowNs = () => {
  // A quarter cheaper than the BigInt form, and exact for the 104 days that a double counts in ns.
  const [seconds, ns] = hrtime();
  return seconds * NS_PER_SECOND + ns;
};

/** A clock that reads 0 at `zeroNs` of `now`: the load clock of a run. */
export function loadClock(zeroNs: number, now: NowNs = monotonicNowNs): NowNs {
  return () => now() - zeroNs;
}

export const NS_PER_MS = 1e6;
export const NS_PER_SECOND = 1e9;

/**
 * Longest delay that Node's timers take, in ms (2^31 - 1); anything longer would fire at once.
 */
const TIMER_MS_MAX = 2_147_483_647;

/**
 * Calls `fire` once, at `dueNs` on `now` or up to about a millisecond after it, never before.
 *
 * Node's timers count whole milliseconds from the loop's cached time and can therefore fire early;
 * an early one is armed again.
 *
 * @returns a function that cancels it; calling that twice, or after it fired, does nothing.
 */
export function callAt(dueNs: number, fire: () => void, now: NowNs = monotonicNowNs): () => void {
  let timer: NodeJS.Timeout;
  const arm = () => {
    const waitMs = Math.ceil((dueNs - now()) / NS_PER_MS);
    timer = setTimeout(check, Math.min(Math.max(waitMs, 0), TIMER_MS_MAX));
  };
  const check = () => {
    if (now() >= dueNs) fire();
    else arm();
  };
  arm();
  return () => clearTimeout(timer);
}
