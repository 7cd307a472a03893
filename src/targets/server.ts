/** What every kind of server is handed by its backend, and what it is to the backend. */
import type { ServerInterceptor, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import type { Rng } from '../base/rng.js';
import type { Waited } from '../base/waiting-time.js';
import type { CallHost } from './call-host.js';
import type { ServerTls } from './fleet-tls.js';
import type { HealthParts } from './health-service.js';
import type { OutboxPolicy } from './outbox.js';
import type { ServerKeepalive } from './server-keepalive.js';
import type { ServerLimits } from './server-limits.js';
import type { ServerArguments } from './server-options.js';

/** Where all servers listen. */
export const SERVER_HOST = '127.0.0.1';

export interface ServerParts {
  /** Port on loopback; 0 lets the system choose a free one. */
  readonly port: number;
  /** Path of a unix socket, in the port's place. */
  readonly socketPath?: string | undefined;
  /** Serves over TLS with it; absent: cleartext. */
  readonly certificate?: ServerTls | undefined;
  /** Hosts the attempts of chat calls; its counters are told of everything else as well. */
  readonly host: CallHost;
  readonly health: HealthParts;
  readonly loadReports: UntypedServiceImplementation;
  readonly protos: PackageDefinition;
  readonly limits: ServerLimits;
  /** Absent: it sends no pings, and takes any. */
  readonly keepalive?: ServerKeepalive | undefined;
  /** Channel arguments, as they are; grpc-js only. */
  readonly options?: ServerArguments | undefined;
  /** Uniform in [0, 1), from the run's seed. */
  readonly random: Rng;
  /** What becomes of slow readers of chats. */
  readonly outbox: OutboxPolicy;
  /** Of replies to clients that read it; absent: none. The wire server only. */
  readonly compression?: 'gzip' | undefined;
  /** Passed by attempts before the host hears of them; grpc-js only. */
  readonly interceptors?: readonly ServerInterceptor[];
}

/** A server that listens. */
export interface RunningServer {
  /** 0 for a unix socket. */
  readonly port: number;
  /**
   * Listens no more, and tells clients to go (GOAWAY): calls that are known by then go on, all others
   * are for the client to repeat elsewhere. Settles when no connection is left, which may be never.
   */
  drain(): Promise<void>;
  /** Send windows at zero while data waited, since it was last asked; absent: it cannot tell. */
  takeWindowWaits?(): { readonly streams: Waited; readonly connections: Waited };
  /** Closes every connection, whatever is open on it, and listens no more. */
  close(): void;
}

/** @throws BindError */
export type StartServer = (parts: ServerParts) => Promise<RunningServer>;

/** The port could not be bound; the message is the system's reason. */
export class BindError extends Error {
  override readonly name = 'BindError';
}
