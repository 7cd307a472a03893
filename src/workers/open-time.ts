/**
 * How long calls were open altogether: the number of open calls, added up over time. Little's law holds
 * it against what was recorded of each call.
 *
 *     ∫ N dt  =  Σ ends − Σ starts + N · now
 *
 * N is counted up where calls are handed to the driver, and down where they end. Adding up moments costs a
 * call two additions; multiplying N by the time since it changed would cost it as much as its histogram.
 */
export class OpenTime {
  private readonly open: Int32Array;
  /** Ends less starts since `baseNs`, in ns from there: so the sums stay small, and exact. */
  private readonly sumNs: Float64Array;
  private readonly baseNs: Float64Array;

  /** One sum for each phase in which calls are due. */
  constructor(phases: number) {
    this.open = new Int32Array(phases);
    this.sumNs = new Float64Array(phases);
    this.baseNs = new Float64Array(phases);
  }

  opened(phase: number, nowNs: number): void {
    (this.open[phase] as number)++;
    (this.sumNs[phase] as number) -= nowNs - (this.baseNs[phase] as number);
  }

  closed(phase: number, nowNs: number): void {
    (this.open[phase] as number)--;
    (this.sumNs[phase] as number) += nowNs - (this.baseNs[phase] as number);
  }

  /** The sum of a phase since the last call, in ns. */
  take(phase: number, nowNs: number): number {
    const { open, sumNs, baseNs } = this;
    const lasted = nowNs - (baseNs[phase] as number);
    const area = (sumNs[phase] as number) + (open[phase] as number) * lasted;
    sumNs[phase] = 0;
    baseNs[phase] = nowNs;
    return area;
  }
}
