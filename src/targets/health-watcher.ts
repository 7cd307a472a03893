/**
 * A client's view of a server's health, by Watch, kept up for as long as it is wanted.
 *
 *                 a message: what it says
 *   UNKNOWN ─────────────────────────────────► SERVING ⇄ NOT_SERVING ⇄ SERVICE_UNKNOWN …
 *      ▲                                           │
 *      └── the stream ended, or the connection ◄───┘   then asked again
 *
 * As gRFC A17 has it: a stream that had answered is asked for again at once, one that had not after
 * the connection backoff; and UNIMPLEMENTED counts as SERVING, for such a server has nothing to say
 * of its health. Here it is asked again all the same, so that the end of a fault is seen.
 */
import { type ChannelOptions, Client, Metadata, type StatusObject } from '@grpc/grpc-js';
import type { ServingStatus } from '../base/serving-status.js';
import { statusCode, statusName } from '../base/status.js';
import { targetOf } from '../drivers/grpc-js/fixed-resolver.js';
import { credentialsOf, tlsOptions } from '../drivers/grpc-js/grpc-js-driver.js';
import type { ClientTls } from '../drivers/spec.js';
import { HEALTH_SERVICE, loadProtos, serviceOf } from './protos.js';

/** gRPC's connection backoff (doc/connection-backoff.md), without jitter: one client is no herd. */
const BACKOFF_MS = 1_000;
const BACKOFF_MULTIPLIER = 1.6;
const BACKOFF_MS_MAX = 120_000;
const UNIMPLEMENTED = statusCode('UNIMPLEMENTED');

export interface HealthWatcherOptions {
  /** `host:port`, or `unix:/path` */
  readonly address: string;
  /** Absent: cleartext. */
  readonly tls?: ClientTls | undefined;
  /** What is watched; "" is the whole server. */
  readonly services: readonly string[];
  /** Channel arguments, by gRPC's names: keepalive and backoff are those of the connection. */
  readonly channelOptions: ChannelOptions;
  /** Told of every change; all are UNKNOWN to begin with. `why` is a clause: what was heard. */
  readonly onChange: (service: string, to: ServingStatus, why: string) => void;
}

/** @returns stops: closes the connection, and nothing is told any more. */
export function watchHealth(options: HealthWatcherOptions): () => void {
  const { address, tls, services, channelOptions, onChange } = options;
  const client = new Client(targetOf([address]), credentialsOf(tls), {
    // A connection of its own, whoever else in this process talks with the server.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_channelz': 0,
    'grpc.enable_http_proxy': 0,
    ...tlsOptions(tls),
    ...channelOptions,
  });
  const backoff = backoffOf(channelOptions);
  const open = opening(client);
  const stops = services.map((service) =>
    follow(
      () => open(service),
      backoff,
      (to, why) => onChange(service, to, why),
    ),
  );
  return () => {
    for (const stop of stops) stop();
    client.close();
  };
}

/** How long to wait, in ms, before asking again after so many failures in a row. */
function backoffOf(options: ChannelOptions): (failures: number) => number {
  const firstMs = options['grpc.initial_reconnect_backoff_ms'] ?? BACKOFF_MS;
  const maxMs = options['grpc.max_reconnect_backoff_ms'] ?? BACKOFF_MS_MAX;
  return (failures) => Math.min(firstMs * BACKOFF_MULTIPLIER ** failures, maxMs);
}

/** Opens Watch streams on a client. */
function opening(client: Client) {
  const method = serviceOf(loadProtos(), HEALTH_SERVICE)['Watch'];
  if (method === undefined) throw new Error(`${HEALTH_SERVICE} has no Watch`);
  const decode = method.responseDeserialize as (bytes: Buffer) => { status: ServingStatus };
  return (service: string) =>
    client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      decode,
      { service },
      // While there is no connection it waits for one: grpc-js knows best when to try again.
      new Metadata({ waitForReady: true }),
    );
}

type OpenWatch = () => ReturnType<ReturnType<typeof opening>>;

function follow(
  open: OpenWatch,
  backoffMs: (failures: number) => number,
  tell: (to: ServingStatus, why: string) => void,
): () => void {
  let seen: ServingStatus = 'UNKNOWN';
  let failures = 0;
  let isStopped = false;
  let cancel = () => {};

  const see = (status: ServingStatus, why: string) => {
    if (status === seen || isStopped) return;
    seen = status;
    tell(status, why);
  };
  const ended = ({ code, details }: StatusObject, hadAnswered: boolean) => {
    if (isStopped) return;
    if (code === UNIMPLEMENTED) see('SERVING', 'Watch is not implemented, which counts as healthy');
    else see('UNKNOWN', `Watch ended with ${statusName(code)}: ${details}`);
    const timer = setTimeout(ask, hadAnswered ? 0 : backoffMs(failures++));
    cancel = () => clearTimeout(timer);
  };
  const ask = () => {
    let hasAnswered = false;
    const stream = open();
    stream.on('data', ({ status }: { status: ServingStatus }) => {
      hasAnswered = true;
      failures = 0;
      see(status, 'told by Watch');
    });
    // The status says the same; unheard, the error would end the process.
    stream.on('error', () => {});
    stream.on('status', (status) => ended(status, hasAnswered));
    cancel = () => stream.cancel();
  };
  ask();
  return () => {
    isStopped = true;
    cancel();
  };
}
