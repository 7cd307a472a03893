/**
 * What a kind of call may ask of a driver: the four shapes of gRPC calls, one message or a stream of
 * them either way. Drivers implement it; calls know nothing else of them.
 *
 * Messages are already encoded. A call with one reply that ends OK had exactly one: none is
 * UNIMPLEMENTED, two are INTERNAL. A driver reports attempts and the end of the call to the ticket's
 * owner, each exactly once, and never in the same turn of the event loop in which it was asked.
 */
import type { CallMetadata } from './call-metadata.js';
import type { CallTicket } from './ticket.js';

/**
 * A message from the server, `bytes[start, end)`: valid during the call only. Who answers `false` says
 * that the octets are no message; the call then ends with INTERNAL, as gRPC has it for a reply that
 * cannot be parsed (doc/statuscodes.md), and the server is told to stop.
 */
export type OnReply = (bytes: Uint8Array, start: number, end: number) => unknown;

export interface CallChannel {
  /**
   * Starts a unary call.
   * @param request must not be changed any more; the very same buffer again is sent at least cost.
   * @param method `/chat.ChatService/Say`
   * @param deadlineNs time it is given from now, in ns; undefined: none.
   * @param onReply told of the reply before the call ends; absent: nobody looks into it.
   */
  unary(
    method: string,
    request: Buffer,
    ticket: CallTicket,
    deadlineNs: number | undefined,
    metadata?: CallMetadata,
    onReply?: OnReply,
  ): void;

  /**
   * Sends one request, and hears any number of replies.
   * @returns how to stop hearing them for a while.
   */
  serverStream(
    method: string,
    request: Buffer,
    ticket: CallTicket,
    deadlineNs: number | undefined,
    metadata: CallMetadata,
    onMessage: OnReply,
  ): ReadingSide;

  /**
   * Opens a stream of requests with one reply.
   * @param onReply told of the reply before the call ends; not whether it will end OK.
   */
  clientStream(
    method: string,
    ticket: CallTicket,
    deadlineNs: number | undefined,
    metadata: CallMetadata,
    onReply?: OnReply,
  ): MessageStream;

  /** Opens a bidirectional stream. */
  stream(
    method: string,
    ticket: CallTicket,
    deadlineNs: number | undefined,
    metadata: CallMetadata,
    onMessage: OnReply,
  ): DuplexStream;
}

/**
 * The reading side of an open stream. While it is paused no message is handed over, and what comes
 * waits here as far as flow control lets the server send: then the server is stopped. An end that is
 * OK comes behind the messages that wait; any other end comes at once, and they are lost.
 */
export interface ReadingSide {
  /** Pauses at once, also from within a message; before the first one, too. */
  pauseReading(): void;
  /** Goes on; messages that wait may be handed over from within. Harmless when it is not paused. */
  resumeReading(): void;
}

export interface DuplexStream extends MessageStream, ReadingSide {}

/** The writing side of an open stream. */
export interface MessageStream {
  /** Whether the transport takes another message without buffering it on our side. */
  readonly writable: boolean;
  /** Bytes accepted by `write` and not yet handed to the transport. */
  readonly bufferedBytes: number;
  /**
   * Sends a message. It is accepted even when `writable` is false; the caller decides. The message
   * may be changed as soon as this returns.
   * @returns `writable`, after it.
   */
  write(message: Buffer): boolean;
  /** Calls back once, when the stream is writable again. */
  onceWritable(resume: () => void): void;
  /** Half-closes: no more messages from us, the server may still send. */
  finish(): void;
}
