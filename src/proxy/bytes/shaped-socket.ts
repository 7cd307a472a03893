/**
 * A client's socket with a network in between, in its place for whoever serves it.
 *
 *   client ══ socket ──► up lane ──► reader        (a transport, a relay: the holder)
 *                    ◄── down lane ◄── write
 *
 * There is a lane only while something is done to its direction or held in it; without one octets go
 * straight through. What the holder sees is what it would see of a socket at the other end of that
 * network: a close of the client's comes through the lane behind its octets, and the holder's own comes
 * to the client behind what it wrote.
 *
 * It holds a bounded number of octets of the client's: the socket is not read while more wait. Of what
 * the holder writes it holds all that it is given: the holder counts what is not `done`.
 */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { callAt, monotonicNowNs } from '../../base/clock.js';
import type { Rng } from '../../base/rng.js';
import type { Direction, StreamEffect } from '../../faults/byte-effect.js';
import type { OnRead, TransportSocket } from '../../http2/transport-socket.js';
import { peerOf } from '../peer-of.js';
import { Lane, type StageClock } from './lane.js';
import { makeStage, STAGE_RANK, type StageOwner } from './make-stage.js';
import { octetsOf, type Piece } from './piece.js';
import { resetSocket } from './reset-socket.js';

/** Octets of the client's that may wait; it is read again when half of them are gone. */
const HELD_BYTES_MAX = 262_144;

/** A client whose connection was closed by a fault has so long to close, too, before it is cut off. */
const LINGER_NS = 1e9;

export const REAL_TIME: StageClock = { now: monotonicNowNs, callAt };

export interface ShapedSocketOptions {
  readonly clock?: StageClock;
  /** The TCP socket below a TLS one: resets are its. */
  readonly raw?: Socket;
  /** The socket is closed and the holder has been told: it is in nobody's hands any more. */
  readonly onGone?: () => void;
}

export class ShapedSocket extends EventEmitter implements TransportSocket, StageOwner {
  readonly #socket: Socket;
  readonly #raw: Socket;
  readonly #clock: StageClock;
  readonly #onGone: () => void;
  #up: Lane | undefined;
  #down: Lane | undefined;
  #onRead: OnRead = () => true;
  #isOpen = false;
  /** Octets that a reader has given back. */
  #unread: Buffer | undefined;
  #isReading: boolean;
  #isFull = false;
  #isOver = false;
  #isEnded = false;
  #isClosedInOrder = false;
  #isTold = false;
  #isSocketClosed = false;
  #error: Error | undefined;
  #cancelLinger = () => {};

  /** @param socket with `allowHalfOpen`, or the end of one direction would be that of both. */
  constructor(socket: Socket, options: ShapedSocketOptions = {}) {
    super();
    this.#socket = socket;
    this.#raw = options.raw ?? socket;
    this.#clock = options.clock ?? REAL_TIME;
    this.#onGone = options.onGone ?? (() => {});
    this.#isReading = !socket.isPaused();
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.on('end', () => this.#pushUp({ kind: 'end' }));
    socket.on('finish', () => this.emit('finish'));
    socket.on('close', () => this.#closed());
  }

  /**
   * Reads into `onRead`, whose octets are the reader's to keep; another reader takes the place of the
   * one before. As an `OpenSocket`.
   */
  readonly open = (onRead: OnRead): this => {
    this.#onRead = onRead;
    if (this.#isOpen) return this;
    this.#isOpen = true;
    this.#socket.on('data', (chunk: Buffer) => {
      if (this.#up === undefined && !this.#isOver) this.#onRead(chunk.length, chunk);
      else this.#pushUp(octetsOf(chunk));
    });
    return this;
  };

  /** Takes octets back that were read too early: they come first when reading goes on. */
  unread(octets: Buffer): void {
    this.#unread = octets;
  }

  /** The address at the other end. */
  get peer(): string {
    return peerOf(this.#socket);
  }

  get destroyed(): boolean {
    return this.#isOver;
  }

  get writableEnded(): boolean {
    return this.#isEnded;
  }

  get writableFinished(): boolean {
    return this.#socket.writableFinished;
  }

  /** Octets in its lanes. */
  get heldBytes(): number {
    return (this.#up?.heldBytes ?? 0) + (this.#down?.heldBytes ?? 0);
  }

  setNoDelay(noDelay: boolean): this {
    this.#raw.setNoDelay(noDelay);
    return this;
  }

  write(bytes: Uint8Array, done: () => void = () => {}): void {
    const socket = this.#socket;
    if (this.#down !== undefined) this.#down.push({ kind: 'octets', bytes, done });
    else if (socket.destroyed || socket.writableEnded) process.nextTick(done);
    else socket.write(bytes, done);
  }

  end(): this {
    if (this.#isEnded) return this;
    this.#isEnded = true;
    this.#pushDown({ kind: 'end' });
    return this;
  }

  /** With an error the client is reset, once what was written before has come to it. */
  destroy(error?: Error): this {
    if (this.#isOver) return this;
    this.#isOver = true;
    this.#pushDown({ kind: 'close', error });
    this.#up?.discard();
    process.nextTick(() => this.#tellClosed(error));
    return this;
  }

  pause(): this {
    this.#isReading = false;
    this.#socket.pause();
    this.#up?.shut();
    return this;
  }

  resume(): this {
    this.#isReading = true;
    const unread = this.#unread;
    this.#unread = undefined;
    if (unread !== undefined) this.#onRead(unread.length, unread);
    this.#up?.open();
    this.#tidy();
    this.#readMore();
    return this;
  }

  /**
   * Does something to a direction from now on, and to what the fault's place in it still lets come.
   * @returns ends it, and lets go what it holds; calling that twice does nothing.
   */
  shape(direction: Direction, effect: StreamEffect, random: Rng): () => void {
    if (this.#isSocketClosed && this.#isTold) return () => {};
    const lane = this.#laneOf(direction);
    const remove = lane.add(STAGE_RANK[effect.effect], (port) =>
      makeStage(effect, port, this.#clock, random, this),
    );
    return () => {
      remove();
      this.#tidy();
      this.#readMore();
    };
  }

  /** Resets both sides at once, whatever waits. */
  cut(): void {
    if (!this.#socket.destroyed) resetSocket(this.#raw, this.#socket);
    this.#discard();
    if (this.#isOver) return;
    this.#isOver = true;
    const error = Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' });
    process.nextTick(() => this.#tellClosed(error));
  }

  closeInOrder(): void {
    this.#isClosedInOrder = true;
    this.#laneOf('down').push({ kind: 'end' });
    // Not at once: the holder may be in the middle of a write.
    process.nextTick(() => this.#laneOf('up').push({ kind: 'end' }));
  }

  deaden(): void {
    for (const direction of ['up', 'down'] as const) this.#laneOf(direction).kill();
  }

  #laneOf(direction: Direction): Lane {
    if (direction === 'down') {
      this.#down ??= new Lane((piece) => this.#leave(piece));
      return this.#down;
    }
    if (this.#up === undefined) {
      this.#up = new Lane((piece) => this.#arrive(piece));
      if (!this.#isReading) this.#up.shut();
    }
    return this.#up;
  }

  /** Lanes with nothing to do go, and octets pass straight through again. */
  #tidy(): void {
    if (this.#up?.isIdle) this.#up = undefined;
    if (this.#down?.isIdle) this.#down = undefined;
  }

  #pushUp(piece: Piece): void {
    if (this.#isOver) return;
    const lane = this.#up;
    if (lane === undefined) {
      this.#arrive(piece);
      return;
    }
    lane.push(piece);
    if (lane.heldBytes < HELD_BYTES_MAX || this.#isFull) return;
    this.#isFull = true;
    this.#socket.pause();
  }

  #pushDown(piece: Piece): void {
    if (this.#down === undefined) this.#leave(piece);
    else this.#down.push(piece);
  }

  /** At the end of the up lane. */
  #arrive(piece: Piece): void {
    if (piece.kind === 'octets') {
      this.#onRead(piece.bytes.length, piece.bytes);
      piece.done();
      this.#readMore();
    } else if (piece.kind === 'end') this.emit('end');
    else if (!this.#isOver) {
      this.#isOver = true;
      this.#tellClosed(piece.error);
    }
  }

  #readMore(): void {
    if (this.#isFull && (this.#up?.heldBytes ?? 0) > HELD_BYTES_MAX / 2) return;
    this.#isFull = false;
    if (this.#isReading && this.#socket.isPaused()) this.#socket.resume();
  }

  /** At the end of the down lane. */
  #leave(piece: Piece): void {
    const socket = this.#socket;
    if (piece.kind === 'octets') {
      if (socket.destroyed || socket.writableEnded) process.nextTick(piece.done);
      else socket.write(piece.bytes, piece.done);
    } else if (socket.destroyed) return;
    else if (piece.kind === 'end') {
      socket.end();
      if (this.#isClosedInOrder) this.#linger();
    } else if (piece.error !== undefined) resetSocket(this.#raw, socket);
    else if (!this.#isClosedInOrder) socket.destroy();
  }

  /** Waits for the client to close: a close while it sends would throw away its last octets. */
  #linger(): void {
    const close = () => this.#socket.destroy();
    this.#cancelLinger = this.#clock.callAt(this.#clock.now() + LINGER_NS, close);
    this.#socket.resume();
  }

  /** The client's side is gone; the holder hears of it when the lane lets it through. */
  #closed(): void {
    this.#cancelLinger();
    this.#isSocketClosed = true;
    if (this.#isTold) this.#gone();
    else this.#pushUp({ kind: 'close', error: this.#error });
  }

  #tellClosed(error: Error | undefined): void {
    if (error !== undefined) this.emit('error', error);
    this.emit('close');
    this.#isTold = true;
    if (this.#isSocketClosed) this.#gone();
  }

  #gone(): void {
    this.#discard();
    this.#onGone();
  }

  #discard(): void {
    this.#up?.discard();
    this.#down?.discard();
  }
}
