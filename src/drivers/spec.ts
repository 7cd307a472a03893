/**
 * The `client:` part of a plan: how the client under test behaves.
 */
import type { KeepaliveTimes } from '../http2/keepalive.js';
import type { InterceptorSpec } from '../interceptors/interceptor.js';
import type { ClientTlsFiles } from './tls-schema.js';

/** TLS to all backends, with `h2` agreed on by ALPN. */
export interface ClientTls {
  /** Certificates to trust in the system's place, in PEM. */
  readonly ca?: string;
  /** What servers that ask for it are shown, and its key, both in PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that the servers' certificate must have; absent: of the address, or `localhost`. */
  readonly serverName?: string;
}

/** How waits after failed connections grow, and how they are spread. */
export interface ConnectBackoffSpread {
  readonly multiplier: number;
  /** Fraction of a wait, up or down. */
  readonly jitter: number;
}

/** A client, resolved. */
export interface ClientSpec {
  /** `grpc-js`, the real client; `wire`, our own, for load on a server. */
  readonly driver: 'grpc-js' | 'wire';
  /** Time a call is given, from its send; absent: no deadline. */
  readonly deadlineNs?: number;
  /** Clients per worker thread; each has connections, balancer and throttle state of its own. */
  readonly channels: number;
  /** Connections of each channel to each address; absent: 1. Only the wire driver has more. */
  readonly connections?: number;
  /** What the server may send on a stream before it is read; absent: 1 MiB. Only of the wire driver. */
  readonly streamWindowBytes?: number;
  /** Absent: cleartext. A run gives it to the clients of its own targets, where those serve so. */
  readonly tls?: ClientTls;
  /** What the scenario says of it; a run makes `tls` of it. */
  readonly tlsFiles?: ClientTlsFiles;
  /** A gRPC service config in its JSON form (gRFC A2), with grpc-js's own spelling of policies. */
  readonly serviceConfig: Readonly<Record<string, unknown>>;
  /** It is nobody's but the user's: what grpc-js ignores in it stays ignored. */
  readonly isServiceConfigRaw?: true;
  /**
   * Whether calls say which they are (`squall-call`); absent: they do. Targets ask for it when faults
   * or a limited capacity act by call; where none does it is left out, as real clients leave it out.
   */
  readonly callIds?: boolean;
  /** Largest message that is taken, in bytes, uncompressed; -1: any; absent: 4 MiB. */
  readonly receiveBytesMax?: number;
  /** Largest message that is sent, in bytes, uncompressed; -1 or absent: any. */
  readonly sendBytesMax?: number;
  /** Of the messages that are sent, and offered for replies; absent: `identity`. */
  readonly compression?: 'identity' | 'gzip';
  /** Sent with every call; values under keys that end in `-bin` are base64. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Pings that find out connections whose peer is gone; absent: none. */
  readonly keepalive?: KeepaliveTimes;
  /**
   * Whose health is watched on every backend, beside the calls: "" is the whole server, then
   * `service` and `service/method`. Absent: nobody watches.
   */
  readonly watchHealth?: readonly string[];
  /** What calls pass on their way, in this order; absent: nothing. grpc-js only. */
  readonly interceptors?: readonly InterceptorSpec[];
  /** What of the backoff of connections has no channel argument; absent: gRPC's. Only of the wire driver. */
  readonly connectBackoff?: ConnectBackoffSpread;
  /** Channel arguments, by gRPC's names (`grpc.keepalive_time_ms`). */
  readonly channelOptions: Readonly<Record<string, string | number>>;
}
