/**
 * The `client:` part of a plan: how the client under test behaves.
 */

/** A client, resolved. */
export interface ClientSpec {
  /** `grpc-js`, the real client; `wire`, our own, for load on a server. */
  readonly driver: 'grpc-js' | 'wire';
  /** Time a call is given, from its send; absent: no deadline. */
  readonly deadlineNs?: number;
  /** Connections per worker thread; each has channels, balancer and throttle state of its own. */
  readonly channels: number;
  /** A gRPC service config in its JSON form (gRFC A2), with grpc-js's own spelling of policies. */
  readonly serviceConfig: Readonly<Record<string, unknown>>;
  /**
   * Whether calls say which they are (`squall-call`); absent: they do. Targets ask for it when faults
   * or a limited capacity act by call; where none does it is left out, as real clients leave it out.
   */
  readonly callIds?: boolean;
  /** Channel arguments, by gRPC's names (`grpc.keepalive_time_ms`). */
  readonly channelOptions: Readonly<Record<string, string | number>>;
}
