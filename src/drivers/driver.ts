/**
 * What a driver is: the client side of a set of backends, for one worker thread.
 */
import type { CallChannel } from '../calls/channel.js';

export interface Driver extends Disposable {
  /** Channels that share nothing: connections, balancer and throttle state are each one's own. */
  readonly channels: readonly CallChannel[];
  /**
   * Resolves when every channel can take calls.
   * @throws RunError when one is not connected in time; it names the addresses.
   */
  ready(timeoutMs: number): Promise<void>;
  /** Closes all connections. Calls still open end with a status of the driver's choosing. */
  [Symbol.dispose](): void;
}
