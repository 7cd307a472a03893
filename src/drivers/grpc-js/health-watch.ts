/**
 * One Watch of the health service on the connection of a subchannel, for all who want to know its
 * health: gRFC A17 wants it there, since health is that of the server at the other end of this very
 * connection, and not of whom another connection to the same address might reach.
 *
 * It lives while anybody follows it and the subchannel is connected. When the connection goes, so does
 * what was heard; a Watch that were left open would keep a draining server from closing it.
 */
import {
  Client,
  type ClientReadableStream,
  connectivityState,
  credentials,
  experimental,
} from '@grpc/grpc-js';
import { type Health, healthOfEnd, healthOfReply } from '../../balancers/health-aware.js';
import { statusName } from '../../base/status.js';
import { decodeHealthReply, encodeHealthRequest, WATCH_PATH } from './health-messages.js';

export type RealSubchannel = ReturnType<experimental.SubchannelInterface['getRealSubchannel']>;

/** Told of each change, with the reason, and whether there is a Watch that told it. */
export type HealthFollower = (health: Health, why: string, isWatched: boolean) => void;

/** grpc-js does not export the type by name. */
export type BackoffOptions = NonNullable<
  ConstructorParameters<typeof experimental.BackoffTimeout>[1]
>;

const asIs = (bytes: Buffer) => bytes;

export class HealthWatch {
  readonly #subchannel: RealSubchannel;
  readonly #request: Buffer;
  readonly #client: Client;
  readonly #backoff: experimental.BackoffTimeout;
  readonly #followers = new Set<HealthFollower>();
  #call: ClientReadableStream<Buffer> | undefined;
  #health: Health = 'unknown';
  #isRunning = false;

  constructor(subchannel: RealSubchannel, service: string, backoff: BackoffOptions) {
    this.#subchannel = subchannel;
    this.#request = encodeHealthRequest(service);
    this.#client = new Client('unused', credentials.createInsecure(), {
      channelOverride: subchannel.getChannel(),
    });
    this.#backoff = new experimental.BackoffTimeout(() => this.#open(), backoff);
    this.#backoff.unref();
  }

  get health(): Health {
    return this.#health;
  }

  follow(follower: HealthFollower): void {
    this.#followers.add(follower);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#subchannel.addConnectivityStateListener(this.#onState);
    if (this.#subchannel.getConnectivityState() === connectivityState.READY) this.#open();
  }

  /** The last one to leave ends it, unless somebody follows in the same turn of the event loop. */
  leave(follower: HealthFollower): void {
    this.#followers.delete(follower);
    // Policies that are given their addresses anew let go of all connections and take them up again.
    if (this.#followers.size === 0) setImmediate(() => this.#stopIfAlone());
  }

  #stopIfAlone(): void {
    if (this.#followers.size > 0 || !this.#isRunning) return;
    this.#isRunning = false;
    this.#subchannel.removeConnectivityStateListener(this.#onState);
    this.#forget();
  }

  readonly #onState: experimental.ConnectivityStateListener = (_subchannel, _before, state) => {
    this.#forget();
    if (state === connectivityState.READY) this.#open();
  };

  /** Closes the call; what was heard holds no more. */
  #forget(): void {
    const call = this.#call;
    this.#call = undefined;
    call?.cancel();
    this.#backoff.stop();
    this.#backoff.reset();
    this.#health = 'unknown';
  }

  #open(): void {
    const call = this.#client.makeServerStreamRequest(WATCH_PATH, asIs, asIs, this.#request);
    this.#call = call;
    let hasHeard = false;
    call.on('data', (octets: Buffer) => {
      if (this.#call !== call) return;
      hasHeard = true;
      this.#backoff.reset();
      const status = decodeHealthReply(octets) ?? 'UNKNOWN';
      this.#set(healthOfReply(status), `it says ${status}`, true);
    });
    // The status says the same again; without a listener the error would end the process.
    call.on('error', () => {});
    call.on('status', ({ code, details }) => {
      if (this.#call !== call) return;
      this.#call = undefined;
      const { health, isTriedAgain } = healthOfEnd(code);
      const why = isTriedAgain
        ? `its health cannot be watched: ${statusName(code)} ${details}`
        : 'it has no health service';
      this.#set(health, why, isTriedAgain);
      if (!isTriedAgain) return;
      if (hasHeard) this.#open();
      else this.#backoff.runOnce();
    });
  }

  #set(health: Health, why: string, isWatched: boolean): void {
    if (health === this.#health) return;
    this.#health = health;
    for (const follower of [...this.#followers]) follower(health, why, isWatched);
  }
}

/** One for each service of a connection, whoever asks: they have the connection's life. */
const WATCHES = new WeakMap<RealSubchannel, Map<string, HealthWatch>>();

export function healthWatchOf(
  subchannel: RealSubchannel,
  service: string,
  backoff: BackoffOptions,
): HealthWatch {
  const known = WATCHES.get(subchannel) ?? new Map<string, HealthWatch>();
  WATCHES.set(subchannel, known);
  const watch = known.get(service) ?? new HealthWatch(subchannel, service, backoff);
  known.set(service, watch);
  return watch;
}
