/** What a proxy's listener, and its faults, know of a client. */
import type { ConnectionHost, FaultTimer } from '../faults/fault.js';

/** A client's connection through a proxy, with all that hangs by it. */
export interface Link {
  /** Octets that wait in it. */
  readonly heldBytes: number;
  /** Calls under way. */
  readonly callCount: number;
  /** SETTINGS frames that the client has not acknowledged. */
  readonly unacknowledgedSettings: number;
  /** What connection faults may do to it. */
  connectionHost(after: FaultTimer['after']): ConnectionHost;
  /** Ends its connections at once. */
  destroy(): void;
}
