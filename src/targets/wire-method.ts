/** A method as the wire server serves it: what is done with a call's messages. */
import type { Framed } from './framed.js';
import type { WireCall } from './wire-call.js';

interface MethodBase {
  /** `/chat.ChatService/Say` */
  readonly path: string;
  /** Faults, capacity and counting act on its calls. */
  readonly isHosted: boolean;
  /** Replies with a stream, which takes no service time. */
  readonly responseStream: boolean;
}

/** A method of one request. */
export interface SingleRequestMethod extends MethodBase {
  readonly requestStream: false;
  /** @param framed the request as it stands in DATA, with its prefix; the method's to keep. */
  serve(call: WireCall, framed: Buffer): void;
}

/** A method of a stream of requests. */
export interface RequestStreamMethod extends MethodBase {
  readonly requestStream: true;
  begin(call: WireCall): RequestHandler;
}

export type WireMethod = SingleRequestMethod | RequestStreamMethod;

/** What one call does with its requests. */
export interface RequestHandler {
  /** A message; valid during the call only. */
  message(framed: Framed): void;
  /** The client says nothing more. */
  halfClose(): void;
}
