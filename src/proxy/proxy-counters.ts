/** What a proxy counts, from its start. */
export interface ProxyCounters {
  connectionsAccepted: number;
  /** Upstream connections that failed or were lost before their client went. */
  upstreamsLost: number;
  callsStarted: number;
  /** Calls that the server's connection took with it. */
  callsLost: number;
  /** Answers by gRPC status code, 0 to 16. */
  readonly statuses: number[];
}

export function createProxyCounters(): ProxyCounters {
  return {
    connectionsAccepted: 0,
    upstreamsLost: 0,
    callsStarted: 0,
    callsLost: 0,
    statuses: new Array<number>(17).fill(0),
  };
}
