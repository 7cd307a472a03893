/** What a connection is told when it is made, and what it tells its owner. */
import type { NowNs } from '../base/clock.js';
import type { ConnectionError } from './error-code.js';
import type { HeaderBlock } from './header-block.js';
import type { IndexingPolicy } from './hpack-encoder.js';
import type { Settings } from './settings.js';
import type { AllowedRate } from './token-bucket.js';
import type { WindowWaits } from './window-waits.js';

/** What a peer may do; beyond it the connection ends with ENHANCE_YOUR_CALM (RFC 9113 §10.5). */
export interface ConnectionLimits {
  /** Octets of one compressed field block. */
  readonly blockBytesMax: number;
  /** CONTINUATION frames of one field block. */
  readonly continuationsMax: number;
  /** PING frames. */
  readonly pings: AllowedRate;
  /** SETTINGS frames. */
  readonly settings: AllowedRate;
  /** Streams that a client opens and resets, or has reset by an error of its own. */
  readonly resets: AllowedRate;
  /** Frames that do nothing: DATA and CONTINUATION without content, PRIORITY, unknown types. */
  readonly idleFrames: AllowedRate;
  /** Frames that answer the peer's and wait in the output because it does not read them. */
  readonly unsentRepliesMax: number;
}

/** Generous: the load that this harness makes on purpose, mass cancels too, is no attack. */
export const DEFAULT_LIMITS: ConnectionLimits = {
  blockBytesMax: 131_072,
  continuationsMax: 64,
  pings: { burst: 1_000, perSecond: 100 },
  settings: { burst: 100, perSecond: 10 },
  resets: { burst: 20_000, perSecond: 2_000 },
  idleFrames: { burst: 10_000, perSecond: 1_000 },
  unsentRepliesMax: 20_000,
};

/**
 * Who gives octets back to the peer's windows (§5.2):
 * - `automatic`: the connection does, once half a window is used; the owner can take single streams
 *   over (`holdStreamWindow`), as if they were under `manual-streams`;
 * - `manual-streams`: the owner does for streams (`consume`), the connection for itself, so that a
 *   slow stream stops nobody else; what waits is bounded by streams × stream window;
 * - `manual`: the owner does, for both at once; what waits is bounded by the connection's window.
 */
export type WindowUpdates = 'automatic' | 'manual-streams' | 'manual';

export interface ConnectionOptions {
  readonly role: 'client' | 'server';
  /** Nanoseconds of a monotonic clock; for limits on rates and round-trip times. */
  readonly now?: NowNs;
  /** What this end announces. `enablePush` is always 0 from a client and never sent by a server. */
  readonly settings?: Partial<Settings>;
  /** The connection's receive window in octets, at least 65,535: 16 MiB unless told. */
  readonly connectionWindowBytes?: number;
  readonly windowUpdates?: WindowUpdates;
  /** Counts windows at zero while data waits; absent: nobody counts. */
  readonly windowWaits?: WindowWaits;
  /** How header fields are compressed, by name. */
  readonly indexing?: IndexingPolicy;
  /** The largest header table this end keeps for sending, whatever the peer allows. */
  readonly encoderTableBytesMax?: number;
  readonly limits?: Partial<ConnectionLimits>;
  /** Called when output waits that no `receive` will be followed by: once until `takeOutput`. */
  readonly onOutput?: () => void;
  /** Called after the handler's `onClosed`: for whoever carries the octets. */
  readonly onFinished?: (error: ConnectionError | undefined) => void;
}

/**
 * Why a stream ended before its time:
 * - `peer`: the peer reset it;
 * - `done`: the peer reset it with NO_ERROR after its whole reply: stop sending, nothing failed
 *   (§8.1);
 * - `unprocessed`: it is above the last stream of the peer's GOAWAY: safe to repeat (§6.8);
 * - `stream-error`: the peer broke a rule on it and this end reset it;
 * - `connection`: the connection ended under it.
 */
export type ResetCause = 'peer' | 'done' | 'unprocessed' | 'stream-error' | 'connection';

/**
 * What happens on a connection. `slot` is the stream's row number while it lives (`StreamTable`).
 * All calls come from within `receive`, `lost`, `close` or `reset`; each may send, reset and start
 * streams. `bytes` are valid during the call only.
 */
export interface ConnectionHandler {
  /**
   * A request (at a server), a response or its 1xx forerunners (at a client), or trailers:
   * `block.kind` and `block.status` tell. `endStream`: the peer sends nothing more on it.
   */
  onHeaders(streamId: number, block: HeaderBlock, endStream: boolean, slot: number): void;
  /** Octets of the body; of one DATA frame perhaps in several pieces. */
  onData(
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
    slot: number,
  ): void;
  /** The stream is over before its time; `onStreamEnd` follows. */
  onReset(streamId: number, code: number, cause: ResetCause, slot: number): void;
  /** The stream is gone, for whatever reason; exactly once per stream. Its slot is free after it. */
  onStreamEnd(streamId: number, slot: number): void;
  /** After `sendData` took less than all: it would take more now. */
  onWritable(streamId: number, slot: number): void;
  /** The peer's settings are here, or changed. */
  onSettings(settings: Readonly<Settings>): void;
  /** The peer takes no new streams; those above `lastStreamId` were reset as `unprocessed`. */
  onGoaway(lastStreamId: number, code: number, debug: string): void;
  /**
   * The peer sent PING. True takes the answer over: `answerPing` is due, or silence, which is what a
   * frozen peer gives. Absent or false: the connection answers.
   */
  onPing?(payload: Buffer): boolean;
  /** A GOAWAY went either way and the last stream has ended: time to close the transport. */
  onIdle(): void;
  /** The end: after an error that this end found, or without one after `close` and `lost`. */
  onClosed(error: ConnectionError | undefined): void;
}
