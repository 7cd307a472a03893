/**
 * One call on the wire server that is not answered in the turn it came in: a stream, or a Say that
 * is delayed, queued, hung, or came in pieces.
 *
 *   arrival ──► effect ──┬─ abort after arrival ──► status
 *                        ├─ hang ───(the fault's end)──┐  (the client's messages wait,
 *                        ├─ delay ──(time)─────────────┤   within its window)
 *                        └─ all others ────────────────┴──► messages ──► handler
 *   half-close of a call with one reply ──► service ──┬─ abort after service ──► status
 *                                                     └─ handler ──► reply
 *            (a Say calls the next tier after its service, where there is one, and before the rest)
 *   reply ──┬─ pace, garble, abort after messages ──► wire-replies.ts
 *           └─ all others ──► client
 *
 * The same as `hosted-call.ts` does for grpc-js. A call is over when its status is sent or its stream
 * is gone, whichever comes first; then its deadline and timers are forgotten.
 */
import { callAt } from '../base/clock.js';
import { STATUS_OK, statusCode } from '../base/status.js';
import type { AbortEffect, CallEffect } from '../faults/call-effect.js';
import type { Connection } from '../http2/connection.js';
import { ownOctets } from '../http2/copy-octets.js';
import { CANCEL, ENHANCE_YOUR_CALM, NO_ERROR } from '../http2/error-code.js';
import { MESSAGE_PREFIX_BYTES } from '../http2/grpc-message.js';
import { headerField } from '../http2/header-field.js';
import { AttemptWork, type Onward, type WorkedFor } from './attempt-work.js';
import type { Arrival, CallHost } from './call-host.js';
import type { Deadlines, Expiring } from './deadlines.js';
import { type Framed, wholeFramed } from './framed.js';
import type { OutboxStream } from './outbox.js';
import { compressedReply } from './reply-compression.js';
import { type Intaken, RequestIntake } from './request-intake.js';
import type { SenderStream } from './room-brake.js';
import type { SayReplies } from './say-replies.js';
import type { RequestHandler, WireMethod } from './wire-method.js';
import {
  abortingReplies,
  garbledReplies,
  pacedReplies,
  type ReplySink,
  type WireReplies,
} from './wire-replies.js';
import {
  type CallStatus,
  CUT,
  EXPIRED,
  GZIP_RESPONSE_HEADERS,
  QUEUE_FULL,
  RESPONSE_HEADERS,
  trailersOf,
  trailersOnly,
} from './wire-status.js';

/** Where calls take place: a connection, and the server behind it. */
export interface CallSite {
  readonly connection: Connection;
  readonly host: CallHost;
  readonly deadlines: Deadlines;
  /** Largest request message in octets. */
  readonly messageBytesMax: number;
  readonly sayReplies: SayReplies;
  /** The same under gzip. */
  readonly gzipSayReplies: SayReplies | undefined;
  /** The connection's socket takes no more for now: tells the call when it does. */
  isCongested(call: WireCall): boolean;
}

export interface CallOpening {
  readonly streamId: number;
  readonly slot: number;
  readonly method: WireMethod;
  readonly room: string;
  /** Its client stays in the room when it has said everything. */
  readonly staysSilent: boolean;
  /** What its messages are compressed with, where they are. */
  readonly encoding: string | undefined;
  /** Its replies are to be under gzip. */
  readonly gzipsReplies: boolean;
  /** From now: Infinity without one, undefined for one that is not valid. */
  readonly timeoutNs: number | undefined;
  /** What the host said of it; absent when nobody asks. */
  readonly arrival: Arrival | undefined;
  /** The client is known to say nothing after the octets that come next, in this turn. */
  readonly isHalfClosed: boolean;
}

export class WireCall implements Expiring, OutboxStream<Framed>, SenderStream, WorkedFor, Intaken {
  readonly streamId: number;
  readonly room: string;
  readonly staysSilent: boolean;
  readonly #site: CallSite;
  readonly #opening: CallOpening;
  readonly #intake: RequestIntake;
  /** Absent when nobody asks: it is answered at once. */
  readonly #work: AttemptWork | undefined;
  /** Done once, when the call is over. */
  readonly #endings: (() => void)[] = [];
  #deadlineNs = Number.POSITIVE_INFINITY;
  #handler: RequestHandler | undefined;
  #request: Buffer | undefined;
  /** Takes replies in the client's place, where a fault acts on them. */
  #replies: WireReplies | undefined;
  #onDrain = () => {};
  #isHalfClosed: boolean;
  #hasSentHeaders = false;
  /** Octets wait for the peer's windows. */
  #isBlocked = false;
  #isOver = false;

  constructor(site: CallSite, opening: CallOpening) {
    this.#site = site;
    this.#opening = opening;
    this.streamId = opening.streamId;
    this.room = opening.room;
    this.staysSilent = opening.staysSilent;
    this.#isHalfClosed = opening.isHalfClosed;
    const { arrival } = opening;
    this.#work = arrival && new AttemptWork(site.host, arrival, this);
    this.#intake = new RequestIntake(opening.encoding, site.messageBytesMax, this);
  }

  /** Begins; to be called once, when the call can be found by its stream. */
  start(): void {
    const { arrival, timeoutNs } = this.#opening;
    if (timeoutNs === undefined) {
      this.fail({ code: statusCode('INTERNAL'), details: 'Invalid grpc-timeout value' });
      return;
    }
    const { host, deadlines } = this.#site;
    if (timeoutNs !== Number.POSITIVE_INFINITY) {
      this.#deadlineNs = host.now() + timeoutNs;
      this.onOver(deadlines.add(this.#deadlineNs, this));
    }
    if (arrival?.tie !== undefined) {
      this.onOver(() => this.#work?.untie());
      arrival.tie.onHit((effect) => this.#meetOpen(effect));
    }
    if (arrival?.effect === undefined) this.#begin();
    else this.#meet(arrival.effect);
  }

  #meet(effect: CallEffect): void {
    const { now } = this.#site.host;
    const { method, arrival } = this.#opening;
    switch (effect.effect) {
      case 'abort':
        if (typeof effect.stage === 'object') {
          const abort = () => this.#abort(effect);
          this.#replies = abortingReplies(this.#sink(), effect.stage.messages, abort);
        } else if (effect.after === 'service' && !method.responseStream) {
          this.#work?.endWith(effect);
        } else {
          this.#abort(effect);
          return;
        }
        break;
      case 'delay':
        this.#intake.hold();
        this.onOver(callAt(now() + effect.ns, () => this.#release(), now));
        return;
      case 'hang':
        this.#intake.hold();
        arrival?.tie?.onFaultOver(() => this.#release());
        return;
      case 'persist':
        this.#work?.persist();
        break;
      case 'pace':
        if (method.responseStream) this.#pace(effect.intervalNs);
        break;
      case 'garble':
        this.#replies = garbledReplies(this.#sink(), effect.garbling);
        break;
    }
    this.#begin();
  }

  /** Does something when the call is over, in whatever way. */
  onOver(ending: () => void): void {
    if (this.#isOver) ending();
    else this.#endings.push(ending);
  }

  /** Octets of the client's, which perhaps says nothing more after them. */
  data(bytes: Uint8Array, start: number, end: number, isLast: boolean): void {
    if (this.#isOver) return;
    this.#intake.data(bytes, start, end, isLast);
  }

  /** Its messages wait, and so does its client when the window is full. */
  pauseReading(): void {
    this.#intake.pause();
  }

  resumeReading(): void {
    if (!this.#isOver) this.#intake.resume();
  }

  /** A whole message; valid during the call only. */
  message({ bytes, start, end }: Framed): void {
    if (this.#isOver) return;
    if (this.#handler !== undefined) this.#handler.message({ bytes, start, end });
    else if (this.#request === undefined) this.#request = Buffer.from(bytes.subarray(start, end));
    else this.fail(this.#wrongCount('a second message'));
  }

  /** The client says nothing more, and all that it said was taken. */
  ended(isCut: boolean): void {
    this.#isHalfClosed = true;
    if (this.#isOver) return;
    if (isCut) this.fail(CUT);
    else this.#halfClosed();
  }

  /** Octets were taken: the client may send as many more. */
  consume(octets: number): void {
    this.#site.connection.consume(this.streamId, octets);
  }

  /** The stream is gone. */
  cancelled(): void {
    if (this.#isOver) return;
    this.#countCancelled();
    this.#isOver = true;
    this.#work?.abandon();
    this.#finish();
  }

  /** The deadline has passed; counted as a cancel, for the client has given up just as well. */
  expire(): void {
    if (this.#isOver) return;
    this.#countCancelled();
    this.#isOver = true;
    if (this.#isBlocked) this.#site.connection.reset(this.streamId, CANCEL);
    else this.#sendStatus(EXPIRED);
    this.#work?.abandon();
    this.#finish();
  }

  /** Ends the call of a client that does not read, and that a status could not reach. */
  disconnect(): void {
    if (this.#isOver) return;
    this.#countAnswered(statusCode('RESOURCE_EXHAUSTED'));
    this.#isOver = true;
    this.#site.connection.reset(this.streamId, ENHANCE_YOUR_CALM);
    this.#finish();
  }

  /** The peer's windows, or the socket, take octets again. */
  drained(): void {
    this.#isBlocked = false;
    if (this.#isOver) return;
    if (this.#replies === undefined) this.#onDrain();
    else this.#replies.drained();
  }

  on(_event: 'drain', heard: () => void): void {
    this.#onDrain = heard;
  }

  /** One message of a stream of replies; what the windows do not take of it is copied. */
  write(framed: Framed): boolean {
    if (this.#isOver) return true;
    return this.#replies === undefined ? this.#send(framed) : this.#replies.write(framed);
  }

  #send(framed: Framed): boolean {
    if (this.#isOver) return true;
    const { bytes, start, end } = this.#opening.gzipsReplies ? compressedReply(framed) : framed;
    const { connection } = this.#site;
    const { streamId } = this;
    this.#sendHeaders();
    const sent = this.#isBlocked
      ? 0
      : connection.sendData(streamId, bytes, start, end, false, this.#opening.slot);
    if (sent >= 0 && sent < end - start) {
      this.#isBlocked = true;
      connection.write(streamId, ownOctets(bytes, start + sent, end), false);
    }
    return !this.#isBlocked && !this.#site.isCongested(this);
  }

  /** Ends a stream of replies with OK. */
  end(): void {
    if (this.#isOver || this.#replies === undefined) this.fail({ code: STATUS_OK });
    else this.#replies.end();
  }

  /** Answers a call that has one reply; the message comes with its prefix. */
  reply(framed: Uint8Array): void {
    this.write(wholeFramed(framed));
    this.end();
  }

  /** Answers a Say. */
  replyDelivered(delivered: number): void {
    if (this.#isOver) return;
    if (this.#replies !== undefined) {
      this.reply(this.#site.sayReplies.framed(delivered));
      return;
    }
    this.#countAnswered(STATUS_OK);
    this.#isOver = true;
    const { sayReplies, gzipSayReplies } = this.#site;
    const replies = this.#opening.gzipsReplies ? gzipSayReplies : undefined;
    (replies ?? sayReplies).send(this.streamId, delivered);
    this.#finish();
  }

  /** Ends the call with a status. */
  fail(status: CallStatus): void {
    if (this.#isOver) return;
    this.#countAnswered(status.code);
    this.#isOver = true;
    this.#sendStatus(status);
    this.#finish();
  }

  #begin(): void {
    const { method } = this.#opening;
    if (method.requestStream) this.#handler = method.begin(this);
  }

  /** The end of a delay: what came meanwhile is taken in. */
  #release(): void {
    this.#begin();
    this.#intake.release();
  }

  #halfClosed(): void {
    const { method } = this.#opening;
    if (!method.requestStream && this.#request === undefined) {
      this.fail(this.#wrongCount('no message'));
    } else if (this.#work === undefined || method.responseStream) {
      this.answer(undefined);
    } else if (this.#site.host.queue === undefined) {
      this.#work.passOn();
    } else if (!this.#work.serve()) {
      this.fail(QUEUE_FULL);
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get deadlineNs(): number {
    return this.#deadlineNs;
  }

  /** A Say is passed on; streams end at the tier that they reach. */
  onward(): Onward | undefined {
    const { method, arrival } = this.#opening;
    const { next } = this.#site.host;
    const request = this.#request;
    if (next === undefined || arrival === undefined || request === undefined) return undefined;
    if (method.requestStream || method.responseStream) return undefined;
    const { call, dueNs } = arrival;
    const message = request.subarray(MESSAGE_PREFIX_BYTES);
    return { next, call: (rest) => next.call({ message, room: this.room, call, dueNs, ...rest }) };
  }

  answer(abort: AbortEffect | undefined): void {
    const { method } = this.#opening;
    if (abort !== undefined) this.#abort(abort);
    else if (method.requestStream) this.#handler?.halfClose();
    else if (this.#request !== undefined) method.serve(this, this.#request);
  }

  #abort({ code, details, pushback, stage }: AbortEffect): void {
    if (stage === 'after-headers') this.#sendHeaders();
    const trailers =
      pushback === undefined ? [] : [headerField('grpc-retry-pushback-ms', pushback)];
    this.fail({ code, details, trailers });
  }

  /** The response headers, once. */
  #sendHeaders(): void {
    if (this.#isOver || this.#hasSentHeaders) return;
    this.#hasSentHeaders = true;
    const fields = this.#opening.gzipsReplies ? GZIP_RESPONSE_HEADERS : RESPONSE_HEADERS;
    this.#site.connection.sendHeaders(this.streamId, fields, false);
  }

  /** A fault hits the call while it goes on. */
  #meetOpen(effect: CallEffect): void {
    const isOpen = !this.#isOver && this.#replies === undefined;
    if (effect.effect === 'pace' && isOpen && this.#opening.method.responseStream) {
      this.#pace(effect.intervalNs);
    }
  }

  #pace(intervalNs: number): void {
    const replies = pacedReplies(this.#sink(), intervalNs, this.#site.host.now);
    this.#replies = replies;
    this.onOver(() => replies.letGo());
    this.#opening.arrival?.tie?.onFaultOver(() => replies.letGo());
  }

  /** The call as a fault on its replies sees it. */
  #sink(): ReplySink {
    const isBlocked = () => this.#isBlocked;
    return {
      get isBlocked() {
        return isBlocked();
      },
      send: (framed) => this.#send(framed),
      finish: () => this.fail({ code: STATUS_OK }),
      resume: () => {
        if (!this.#isOver) this.#onDrain();
      },
    };
  }

  #wrongCount(what: string): CallStatus {
    const details = `received ${what} for ${this.#opening.method.path}`;
    return { code: statusCode('UNIMPLEMENTED'), details };
  }

  #sendStatus(status: CallStatus): void {
    const { connection } = this.#site;
    const fields = this.#hasSentHeaders ? trailersOf(status) : trailersOnly(status);
    connection.sendHeaders(this.streamId, fields, true);
    // Behind octets that wait the status has not left yet.
    if (!this.#isHalfClosed && !this.#isBlocked) connection.reset(this.streamId, NO_ERROR);
  }

  #countAnswered(code: number): void {
    if (this.#opening.method.isHosted) this.#site.host.counters.answered(code);
    this.#opening.arrival?.sample?.ended(code);
  }

  #countCancelled(): void {
    if (this.#opening.method.isHosted) this.#site.host.counters.cancelled();
    this.#opening.arrival?.sample?.ended();
  }

  #finish(): void {
    for (const ending of this.#endings) ending();
  }
}
