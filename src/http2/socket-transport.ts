/**
 * A connection on a socket: TCP, Unix or TLS.
 *
 *   socket ──one reused buffer──► connection.receive ──► one write for all that it produced
 *
 * Nothing is copied either way: reading reuses one buffer of the thread (`onread`), and output buffers
 * go to the socket whole and come back to the connection's pool when they are written. What is sent
 * outside of a read leaves in one write at the turn's end.
 */
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { type ConnectionOptions as TlsOptions, connect as tlsConnect } from 'node:tls';
import { Connection } from './connection.js';
import type { ConnectionHandler, ConnectionOptions } from './connection-options.js';
import type { OnRead, OpenSocket, TransportSocket } from './transport-socket.js';

/** Octets that one read may bring. */
const READ_BYTES = 262_144;
/**
 * Where all connections of a thread are read into: what a read brings is used up before the next one
 * begins, of whichever socket, and a buffer for each would be most of what an idle connection takes.
 */
let readBuffer: Buffer | undefined;
/**
 * Octets after which the answers so far leave: the peer works on them while the rest is read, and no
 * output buffer need grow. Smaller costs more system calls than it gains.
 */
const SLICE_BYTES = 49_152;
/** Octets in the socket's hands above which output stays with the connection. */
const WRITING_BYTES_MAX = 1_048_576;
/**
 * Octets that may stay there. DATA stops at congestion; what still comes is answers to a peer that asks
 * and does not read: nothing more is read from it until it does.
 */
const OUTPUT_BYTES_MAX = 4_194_304;
/** How long a peer that is cut off may take to read its last word, the GOAWAY. */
const LAST_WORD_MS = 2_000;

/** Why and when a transport is open, congested and closed. */
export interface TransportEvents {
  /** The socket is connected, over TLS with `h2` agreed on. */
  onOpen?(): void;
  /** After congestion: the socket takes more again. */
  onDrain?(): void;
  /** So much waits for the peer that it is read no more, until `onDrain`. Once before each. */
  onOverflow?(): void;
  /** The socket is gone; all streams have been told. Exactly once. */
  onClose(error: Error | undefined): void;
}

export class SocketTransport {
  readonly connection: Connection;
  readonly #socket: TransportSocket;
  readonly #events: TransportEvents;
  #writingBytes = 0;
  #handedBytes = 0;
  #isFlushPlanned = false;
  #isCongested = false;
  #isEnding = false;
  #isFinishing = false;
  #isOverflowing = false;
  /** For how many reasons the socket is not read. */
  #pauses = 0;
  #isOpen = false;
  #error: Error | undefined;
  #lastWord: NodeJS.Timeout | undefined;

  /**
   * Takes over a socket. `open` gives it, reading into what it is handed; the socket's `data`,
   * `error` and `close` are the transport's from then on.
   */
  constructor(
    open: OpenSocket,
    options: ConnectionOptions,
    handler: ConnectionHandler,
    events: TransportEvents,
  ) {
    this.#events = events;
    const onOutput = () => {
      this.#planFlush();
    };
    const onFinished = (error: Error | undefined) => {
      this.#error ??= error;
      // Not at once: `receive` is still at work, and its owner may have a last word to send.
      queueMicrotask(() => {
        if (!this.#socket.destroyed) this.#end();
      });
    };
    this.connection = new Connection({ ...options, onOutput, onFinished }, handler);
    this.#socket = open((count, buffer) => this.#read(buffer, count));
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (error) => {
      this.#error ??= error;
    });
    this.#socket.on('close', () => {
      clearTimeout(this.#lastWord);
      this.connection.lost();
      this.#events.onClose(this.#error);
    });
    // The peer sends nothing more: what it has not answered it never will.
    this.#socket.on('end', () => {
      this.#end();
    });
  }

  /** Octets that are in the socket's hands or wait for it. */
  get pendingBytes(): number {
    return this.#writingBytes + this.connection.outputBytes;
  }

  /** Octets that this end has sent, or will: all of its output so far. */
  get sentBytes(): number {
    return this.#handedBytes + this.connection.outputBytes;
  }

  /** The socket takes no more for now: who can should pause sending until `onDrain`. */
  get isCongested(): boolean {
    return this.#isCongested;
  }

  /** The socket, to pause reading; not for writing. */
  get socket(): TransportSocket {
    return this.#socket;
  }

  /** Octets may flow: the socket is connected. */
  opened(): void {
    this.#isOpen = true;
    this.#events.onOpen?.();
    this.flush();
  }

  /** Hands all output to the socket now, unless it is congested. */
  flush(): void {
    this.#isFlushPlanned = false;
    if (!this.#isOpen || this.#socket.destroyed || this.#socket.writableEnded) return;
    if (this.#writingBytes >= WRITING_BYTES_MAX) {
      this.#isCongested = true;
      if (this.connection.outputBytes > OUTPUT_BYTES_MAX) this.#overflow();
      return;
    }
    const output = this.connection.takeOutput();
    if (output === undefined) return;
    this.#writingBytes += output.length;
    this.#handedBytes += output.length;
    this.#socket.write(output, () => {
      this.#written(output);
    });
  }

  /**
   * Sends what is left, then that nothing more comes, and waits for the peer to close: whoever closes
   * while the peer still sends has its last octets thrown away (RFC 9293 §3.10.4, a reset).
   */
  finish(): void {
    // Not at once: the last octets may be in the making.
    setImmediate(() => {
      this.flush();
      if (this.#isCongested) this.#isFinishing = true;
      else this.#socket.end();
    });
  }

  /** Reads nothing more until as many calls of `resume`. */
  pause(): void {
    if (this.#pauses++ === 0) this.#socket.pause();
  }

  resume(): void {
    if (--this.#pauses === 0) this.#socket.resume();
  }

  /** Ends at once, with whatever is not written yet. */
  destroy(reason?: Error): void {
    this.#socket.destroy(reason);
  }

  #read(buffer: Uint8Array, count: number): boolean {
    const { connection } = this;
    for (let start = 0; start < count; start += SLICE_BYTES) {
      connection.receive(buffer, start, Math.min(start + SLICE_BYTES, count));
      this.flush();
    }
    return true;
  }

  #written(output: Buffer): void {
    this.#writingBytes -= output.length;
    this.connection.recycle(output);
    if (!this.#isCongested || this.#writingBytes >= WRITING_BYTES_MAX) return;
    this.#isCongested = false;
    this.flush();
    if (!this.#isCongested) this.#drained();
    if (this.#isEnding) this.#end();
    else if (this.#isFinishing && !this.#isCongested) this.#socket.end();
  }

  #overflow(): void {
    if (this.#isOverflowing) return;
    this.#isOverflowing = true;
    this.pause();
    this.#events.onOverflow?.();
  }

  #drained(): void {
    if (this.#isOverflowing) {
      this.#isOverflowing = false;
      this.resume();
    }
    this.#events.onDrain?.();
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    queueMicrotask(() => {
      this.flush();
    });
  }

  /** Sends what is left, the GOAWAY above all, and closes. */
  #end(): void {
    this.#isEnding = true;
    if (!this.#isOpen) {
      this.#socket.destroy();
      return;
    }
    this.flush();
    // Who does not read does not hear it either, and would keep the socket for ever.
    if (this.connection.isClosed) {
      this.#lastWord ??= setTimeout(() => this.#socket.destroy(), LAST_WORD_MS).unref();
    }
    if (this.#isCongested && !this.#socket.destroyed) return;
    this.#socket.end();
    // The peer may hold its side open for ever; ours is done when the last write is.
    if (this.#socket.writableFinished) this.#socket.destroy();
    else this.#socket.once('finish', () => this.#socket.destroy());
  }
}

/** Where to connect to: `host` and `port`, or `path` of a Unix socket; with `tls` over TLS. */
export interface TransportAddress {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  /** TLS options (`ca`, `servername` …); ALPN is `h2`, and a peer that does not agree is refused. */
  readonly tls?: TlsOptions;
}

/** Connects a client. Failures come as `onClose`. */
export function connectTransport(
  address: TransportAddress,
  options: Omit<ConnectionOptions, 'role'>,
  handler: ConnectionHandler,
  events: TransportEvents,
): SocketTransport {
  const { tls } = address;
  const open = (onRead: OnRead): Socket => {
    const socket = connectSocket(address, onRead);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      if ('alpnProtocol' in socket && socket.alpnProtocol !== 'h2') {
        socket.destroy(new Error('the server does not speak HTTP/2 (ALPN did not agree on h2)'));
      } else transport.opened();
    });
    return socket;
  };
  const transport = new SocketTransport(open, { ...options, role: 'client' }, handler, events);
  return transport;
}

function connectSocket({ tls, ...where }: TransportAddress, onRead: OnRead): Socket {
  readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const onread = { buffer: readBuffer, callback: onRead };
  const target = { ...where, onread } as NetConnectOpts;
  if (tls === undefined) return connect(target);
  return tlsConnect({ ...tls, ...target, ALPNProtocols: ['h2'] } as TlsOptions);
}

/**
 * Serves a socket that a `net` or `tls` server has accepted.
 * @param socket or what stands in for one.
 */
export function acceptTransport(
  socket: Socket | OpenSocket,
  options: Omit<ConnectionOptions, 'role'>,
  handler: ConnectionHandler,
  events: TransportEvents,
): SocketTransport {
  const open = typeof socket === 'function' ? socket : readingChunks(socket);
  const transport = new SocketTransport(open, { ...options, role: 'server' }, handler, events);
  transport.opened();
  return transport;
}

/** A server's sockets come without `onread`; Node's chunks are as good, at one object each. */
function readingChunks(socket: Socket): OpenSocket {
  return (onRead) =>
    socket.on('data', (chunk: Buffer) => {
      onRead(chunk.length, chunk);
    });
}
