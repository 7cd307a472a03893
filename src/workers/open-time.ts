/**
 * How long calls were open altogether, kept apart from what each call's own clock readings say: the
 * number of open calls, added up over time. Little's law holds the two against each other.
 *
 *     ∫ N dt    N is counted up where calls are handed to the driver, and down where they end
 */
export class OpenTime {
  private readonly open: number[];
  private readonly areaNs: number[];
  private readonly sinceNs: number[];

  /** One sum for each phase in which calls are due. */
  constructor(phases: number) {
    this.open = new Array(phases).fill(0);
    this.areaNs = new Array(phases).fill(0);
    this.sinceNs = new Array(phases).fill(0);
  }

  opened(phase: number, nowNs: number): void {
    this.advance(phase, nowNs);
    this.open[phase] = (this.open[phase] ?? 0) + 1;
  }

  closed(phase: number, nowNs: number): void {
    this.advance(phase, nowNs);
    this.open[phase] = (this.open[phase] ?? 0) - 1;
  }

  /** The sum of a phase since the last call, in ns. */
  take(phase: number, nowNs: number): number {
    this.advance(phase, nowNs);
    const area = this.areaNs[phase] ?? 0;
    this.areaNs[phase] = 0;
    return area;
  }

  /** Clock readings may come a little out of order; the sum does not suffer from it. */
  private advance(phase: number, nowNs: number): void {
    const lasted = nowNs - (this.sinceNs[phase] ?? 0);
    this.areaNs[phase] = (this.areaNs[phase] ?? 0) + (this.open[phase] ?? 0) * lasted;
    this.sinceNs[phase] = nowNs;
  }
}
