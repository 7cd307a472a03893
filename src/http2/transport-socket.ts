/**
 * What a transport uses of a socket. `net.Socket` and `tls.TLSSocket` are such as they stand; whatever
 * else is one can stand in their place and do to the octets what a network does.
 */

/**
 * Takes octets that came, `buffer[0, count)`: valid during the call only, unless whoever reads says
 * otherwise. Answers whether more is wanted; false does as `pause` does. (The shape of `onread.callback`
 * of Node's sockets.)
 */
export type OnRead = (count: number, buffer: Uint8Array) => boolean;

/** Gives a socket that reads into what it is handed. Called once. */
export type OpenSocket = (onRead: OnRead) => TransportSocket;

export interface TransportSocket {
  /** It is closed, or was told to close at once. */
  readonly destroyed: boolean;
  /** `end` was called. */
  readonly writableEnded: boolean;
  /** All that was written, the end too, has left. */
  readonly writableFinished: boolean;
  setNoDelay(noDelay: boolean): unknown;
  /**
   * Sends octets, which must not be changed before `done`. It takes any number: whoever writes counts
   * what is not `done` yet.
   */
  write(bytes: Uint8Array, done?: () => void): unknown;
  /** Sends nothing more: the peer is told, and may go on sending. */
  end(): unknown;
  /** Closes at once, with whatever has not left. `error` is told of before `close`. */
  destroy(error?: Error): unknown;
  /** Reads no more for now, so that the peer will have to wait. */
  pause(): unknown;
  resume(): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** `end`: the peer sends nothing more. `close`: it is over, and comes last, once. */
  on(event: 'end' | 'close', listener: () => void): unknown;
  once(event: 'finish', listener: () => void): unknown;
}
