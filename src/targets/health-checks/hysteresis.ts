/**
 * Whether something is too much, without wavering when it is nearly so:
 *
 *   well ──── a value above `above` ─────────────────────► too much
 *     ▲                                                        │
 *     └── values of at most `below` for `holdNs`, none above ──┘
 */
export interface Thresholds {
  readonly above: number;
  /** At most `above`. */
  readonly below: number;
  readonly holdNs: number;
}

/** @returns takes each value with its time, and says whether it is too much now. */
export function createHysteresis({ above, below, holdNs }: Thresholds) {
  let isTooMuch = false;
  let wellSinceNs: number | undefined;
  return (value: number, nowNs: number): boolean => {
    if (value > above) isTooMuch = true;
    wellSinceNs = value > below ? undefined : (wellSinceNs ?? nowNs);
    if (wellSinceNs !== undefined && nowNs - wellSinceNs >= holdNs) isTooMuch = false;
    return isTooMuch;
  };
}
