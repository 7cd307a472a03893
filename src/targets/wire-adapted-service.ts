/**
 * A service written for grpc-js, on the wire server: its handlers see a call much like those of
 * grpc-js. Meant for what is called seldom, health and reflection, so that both kinds of server share
 * one implementation; it decodes, encodes and emits where the chat does none of that.
 */
import { EventEmitter } from 'node:events';
import {
  Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { STATUS_OK, statusCode } from '../base/status.js';
import { framedMessage, MESSAGE_PREFIX_BYTES } from '../http2/grpc-message.js';
import { wholeFramed } from './framed.js';
import type { WireCall } from './wire-call.js';
import type { RequestHandler, WireMethod } from './wire-method.js';

type Definition = MethodDefinition<unknown, unknown>;
type Handler = (call: unknown, reply?: Reply) => void;
type Reply = (error: Partial<Failure> | null, value?: unknown) => void;

interface Failure {
  readonly code: number;
  readonly details: string;
}

/** All methods of a service: of one request, or of streams both ways. */
export function adaptService(
  service: ServiceDefinition,
  implementation: UntypedServiceImplementation,
): WireMethod[] {
  return Object.entries(service).map(([name, definition]) => {
    const handler = implementation[name] as Handler | undefined;
    if (handler === undefined) throw new Error(`${definition.path} has no handler`);
    return adaptMethod(definition, handler);
  });
}

function adaptMethod(definition: Definition, handler: Handler): WireMethod {
  const { path, requestStream, responseStream } = definition;
  const base = { path, isHosted: false, responseStream } as const;
  if (requestStream && responseStream) {
    return { ...base, requestStream: true, begin: (call) => beginBidi(call, definition, handler) };
  }
  if (requestStream) throw new Error(`${path}: one reply to a stream is not adapted`);
  return {
    ...base,
    requestStream: false,
    serve(call, framed) {
      const request = decodeRequest(call, definition.requestDeserialize, framed);
      if (request === undefined) return;
      if (responseStream) handler(new AdaptedStream(call, definition, request));
      else handler({ request, metadata: new Metadata() }, replyTo(call, definition));
    },
  };
}

/** Decodes a request; one that cannot be ends its call. */
export function decodeRequest(
  call: WireCall,
  decode: (bytes: Buffer) => unknown,
  framed: Uint8Array,
): unknown {
  try {
    // A copy: a decoder may keep parts of what it is given.
    return decode(Buffer.from(framed.subarray(MESSAGE_PREFIX_BYTES)));
  } catch (error) {
    const details = `Error deserializing request: ${(error as Error).message}`;
    call.fail({ code: statusCode('INTERNAL'), details });
    return undefined;
  }
}

function replyTo(call: WireCall, definition: Definition): Reply {
  return (error, value) => {
    if (error === null) call.reply(framedMessage(definition.responseSerialize(value)));
    else call.fail({ code: error.code ?? statusCode('UNKNOWN'), details: error.details ?? '' });
  };
}

function beginBidi(call: WireCall, definition: Definition, handler: Handler): RequestHandler {
  const stream = new AdaptedStream(call, definition, undefined);
  handler(stream);
  return {
    message({ bytes, start, end }) {
      const framed = bytes.subarray(start, end);
      const request = decodeRequest(call, definition.requestDeserialize, framed);
      if (request !== undefined) stream.emit('data', request);
    },
    halfClose: () => void stream.emit('end'),
  };
}

/** As much of grpc-js's server streams as our handlers use: events and `write`. */
class AdaptedStream extends EventEmitter {
  readonly request: unknown;
  readonly metadata = new Metadata();
  readonly #call: WireCall;
  readonly #definition: Definition;

  constructor(call: WireCall, definition: Definition, request: unknown) {
    super();
    this.request = request;
    this.#call = call;
    this.#definition = definition;
    call.onOver(() => this.emit('cancelled'));
    // As grpc-js has it: an error ends the call with its status.
    this.on('error', ({ code, details }: Failure) => call.fail({ code, details }));
  }

  write(message: unknown): boolean {
    const framed = framedMessage(this.#definition.responseSerialize(message));
    return this.#call.write(wholeFramed(framed));
  }

  end(): void {
    this.#call.fail({ code: STATUS_OK });
  }
}
