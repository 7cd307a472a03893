/**
 * The calls of a connection that are not simply relayed: those that faults hit, and those of the health
 * service, which faults may change at any time.
 *
 *   call ──► faults ──┬─ nothing ──────────────────────────────► server
 *                     ├─ abort, reset: at once ────────────────► client
 *                     ├─ delay, hang ──(time, end of fault)────► server
 *                     └─ all others: a meddler on a stream ────► server
 */
import { parseCallId } from '../base/call-id.js';
import { callAt } from '../base/clock.js';
import type { AbortEffect, CallEffect } from '../faults/call-effect.js';
import { momentOf } from '../faults/decide.js';
import type { MetadataLookup } from '../faults/metadata-match.js';
import { CANCEL } from '../http2/error-code.js';
import { MESSAGE_PREFIX_BYTES } from '../http2/grpc-message.js';
import type { HeaderBlock } from '../http2/header-block.js';
import { type HeaderField, headerField } from '../http2/header-field.js';
import { garbledReply } from '../targets/garbled-reply.js';
import { callIdOf, RequestReader } from '../targets/wire-request.js';
import type { CallStatus } from '../targets/wire-status.js';
import { meddleWithHealth } from './health-call.js';
import { CHECK_PATH, WATCH_PATH } from './health-messages.js';
import { type Meddler, passEnd } from './meddler.js';
import { AtMoment } from './meddlers/at-moment.js';
import { ChangedMessages } from './meddlers/changed-messages.js';
import { CutMessage } from './meddlers/cut-message.js';
import { PacedMessages } from './meddlers/paced-messages.js';
import { httpStatusBlock, RESPONSE_HEAD } from './own-blocks.js';
import type { ProxyFaults } from './proxy-faults.js';
import type { RelayStream } from './relay-stream.js';

/** Where calls go that are let through. */
export interface CallStarter {
  start(toServer: RelayStream, block: HeaderBlock, endStream: boolean): void;
}

const NO_METHODS = new Map();

export class FaultedCalls {
  readonly #faults: ProxyFaults;
  readonly #server: CallStarter;
  readonly #requests = new RequestReader(NO_METHODS);
  /** A block of requests that are not of the health service. */
  #ordinary: HeaderBlock | undefined;

  constructor(faults: ProxyFaults, server: CallStarter) {
    this.#faults = faults;
    this.#server = server;
  }

  /** Whether calls that begin with a block need nothing but to be relayed, as things are. */
  areOrdinary(block: HeaderBlock): boolean {
    if (!this.#faults.calls.isEmpty) return false;
    if (block === this.#ordinary) return true;
    const { path } = this.#requests.read(block.fields);
    if (path === CHECK_PATH || path === WATCH_PATH) return false;
    this.#ordinary = block;
    return true;
  }

  /** Begins a call that may not be ordinary. */
  open(toServer: RelayStream, block: HeaderBlock, endStream: boolean): void {
    const { fields } = block;
    const start = () => {
      if (!toServer.isOver) this.#server.start(toServer, block, endStream);
    };
    const request = this.#requests.read(fields);
    const { path, previousAttempts } = request;
    if (path === CHECK_PATH || path === WATCH_PATH) {
      meddleWithHealth(toServer, this.#faults.health, path === WATCH_PATH, (code, details) => {
        this.#answer(toServer.other, { code, details });
      });
      start();
      return;
    }
    const { calls, now, isOnLoadClock } = this.#faults;
    const callId = callIdOf(request, fields);
    const id = callId === undefined ? undefined : parseCallId(callId);
    const ordinal = id?.ordinal ?? this.#faults.foreignCalls++;
    const call = { method: path, ordinal, previousAttempts };
    const dueNs = isOnLoadClock ? id && id.dueUs * 1e3 : undefined;
    const momentNs = momentOf(previousAttempts, dueNs, now());
    const valuesOf = calls.asksMetadata ? lookupIn(fields) : undefined;
    const met = calls.meet(call, momentNs, valuesOf);
    const { tie } = met ?? {};
    if (tie !== undefined) {
      toServer.other.tie = tie;
      tie.onHit((effect) => this.#meetOpen(toServer, effect));
    }
    if (met?.effect === undefined) start();
    else this.#meet(toServer, met.effect, start);
  }

  #meet(toServer: RelayStream, effect: CallEffect, start: () => void): void {
    const toClient = toServer.other;
    const { now } = this.#faults;
    switch (effect.effect) {
      case 'abort':
        if (effect.after === 'arrival' && typeof effect.stage === 'string') {
          this.#abort(toClient, effect);
          return;
        }
        toClient.meddler = this.#abortLater(effect);
        break;
      case 'reset':
        if (effect.moment === 'request') {
          toServer.over();
          toClient.reset(effect.code);
          return;
        }
        toClient.meddler = new AtMoment(effect.moment, () => {
          toClient.reset(effect.code);
          toServer.reset(CANCEL);
        });
        break;
      case 'delay': {
        const cancel = callAt(now() + effect.ns, start, now);
        toServer.meddler = whenOver(cancel);
        return;
      }
      case 'hang':
        toClient.tie?.onFaultOver(start);
        return;
      default:
        this.#meddle(toServer, effect);
    }
    start();
  }

  /** What an effect does to messages and windows of a call that goes on. */
  #meddle(toServer: RelayStream, effect: CallEffect): void {
    const toClient = toServer.other;
    const stopServer = () => toServer.reset(CANCEL);
    switch (effect.effect) {
      case 'http-status':
        toClient.meddler = new AtMoment('headers', () => {
          toClient.passBlock(httpStatusBlock(effect.status), true);
          stopServer();
        });
        break;
      case 'no-trailers':
        toClient.meddler = new AtMoment('trailers', () => {
          if (toClient.hasHead) passEnd(toClient);
          else toClient.passBlock(RESPONSE_HEAD, true);
        });
        break;
      case 'truncate':
        toClient.meddler = new CutMessage(effect.message, stopServer);
        break;
      case 'garble': {
        const { garbling } = effect;
        toClient.meddler = new ChangedMessages({ nth: 1 }, (framed) => [
          garbledReply(garbling, framed.subarray(MESSAGE_PREFIX_BYTES)),
        ]);
        break;
      }
      case 'drop':
      case 'duplicate': {
        const isDrop = effect.effect === 'drop';
        const stream = effect.direction === 'up' ? toServer : toClient;
        const change = (framed: Buffer) => (isDrop ? [] : [framed, framed]);
        stream.meddler = new ChangedMessages(effect.which, change);
        break;
      }
      default:
        this.#meetOpen(toServer, effect);
    }
  }

  /** An effect that a call may be hit by at any time. */
  #meetOpen(toServer: RelayStream, effect: CallEffect): void {
    const toClient = toServer.other;
    if (toClient.isOver) return;
    if (effect.effect === 'stall') {
      const sender = effect.direction === 'up' ? toClient : toServer;
      sender.stall(true);
      toClient.tie?.onFaultOver(() => sender.stall(false));
    } else if (effect.effect === 'pace' && toClient.meddler === undefined) {
      const paced = new PacedMessages(effect.intervalNs, this.#faults.now);
      toClient.meddler = paced;
      toClient.tie?.onFaultOver(() => paced.letGo());
    }
  }

  #abortLater(effect: AbortEffect): Meddler {
    const { stage } = effect;
    const moment = typeof stage === 'object' ? stage : 'headers';
    return new AtMoment(moment, (toClient) => this.#abort(toClient, effect));
  }

  #abort(toClient: RelayStream, { code, details, pushback, stage }: AbortEffect): void {
    if (stage === 'after-headers' && !toClient.hasHead) toClient.passBlock(RESPONSE_HEAD, false);
    const trailers =
      pushback === undefined ? [] : [headerField('grpc-retry-pushback-ms', pushback)];
    this.#answer(toClient, { code, details, trailers });
  }

  /** Ends a call with a status of ours, for both sides. */
  #answer(toClient: RelayStream, status: CallStatus): void {
    toClient.answer(status);
    toClient.other.reset(CANCEL);
  }
}

/** Does something when a stream is over, and nothing else. */
function whenOver(over: () => void): Meddler {
  return {
    block: (stream, block, endStream) => stream.passBlock(block, endStream),
    data: (stream, bytes, start, end, endStream) => stream.passData(bytes, start, end, endStream),
    over,
  };
}

const BINARY_SUFFIX = '-bin';

/** Metadata of a request as faults ask for it. A binary value may be several, joined by commas. */
function lookupIn(fields: readonly HeaderField[]): MetadataLookup {
  return (key) =>
    fields
      .filter(({ name }) => name === key)
      .flatMap(({ value }) => (key.endsWith(BINARY_SUFFIX) ? value.split(/, */) : [value]));
}
