/**
 * Hands over what was counted, once per interval of the load clock, and what is left at the end.
 */

/** What was counted in a stretch of the load clock. */
export interface Snapshot<Counts> {
  readonly fromNs: number;
  readonly toNs: number;
  readonly counts: Counts;
}

export interface SnapshotsOptions<Counts> {
  readonly intervalNs: number;
  /** The beginning of the first interval on the load clock; 0 unless the backend came up later. */
  readonly fromNs?: number;
  /** The load clock. */
  readonly now: () => number;
  /** Fires once at a time of the load clock or later, never before; returns a cancel. */
  readonly callAt: (atNs: number, fire: () => void) => () => void;
  /** The counts since it was last called. */
  readonly take: () => Counts;
  readonly post: (snapshot: Snapshot<Counts>) => void;
}

/**
 * Starts at `fromNs`; what was counted before it is in the first interval.
 *
 * A snapshot ends at a multiple of the interval. When the process was held up for longer than one,
 * a snapshot covers several: its counts cannot be told apart any more.
 *
 * @returns takes the final snapshot, up to now, and stops; harmless when called twice.
 */
export function postSnapshots<Counts>(options: SnapshotsOptions<Counts>) {
  const { intervalNs, now, callAt, take, post } = options;
  let { fromNs = 0 } = options;
  let isStopped = false;
  const postUpTo = (toNs: number) => {
    post({ fromNs, toNs, counts: take() });
    fromNs = toNs;
  };
  const tick = () => {
    postUpTo(Math.floor(now() / intervalNs) * intervalNs);
    cancel = callAt(fromNs + intervalNs, tick);
  };
  let cancel = callAt((Math.floor(fromNs / intervalNs) + 1) * intervalNs, tick);
  return () => {
    if (isStopped) return;
    isStopped = true;
    cancel();
    postUpTo(Math.max(now(), fromNs));
  };
}
