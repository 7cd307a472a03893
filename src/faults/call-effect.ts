/**
 * What a call fault does to an attempt that it hits, as data: the fault says it, the server that
 * hosts the fault carries it out and knows no fault by name.
 *
 * `hang`, `persist`, `pace` and `stall` last: they end with their fault, and the attempts go on as if they
 * had never been hit. All others are done once, and to their end: a delay that begins in the last
 * moment of its fault still has its whole length.
 */

/** The attempt ends with an error status. */
export interface AbortEffect {
  readonly effect: 'abort';
  /** gRPC status code. */
  readonly code: number;
  readonly details: string;
  /** The value of `grpc-retry-pushback-ms` (gRFC A6): a negative one means "do not retry". */
  readonly pushback?: string;
  /**
   * Whether the work is done first: an abort after service costs the server as much as a success.
   */
  readonly after: 'arrival' | 'service';
  /** What of the answer leaves before the status. */
  readonly stage: AbortStage;
}

/**
 * `trailers-only`: nothing, the status stands in the one header block of the answer.
 * `after-headers`: the response headers. `messages`: so many replies, 1 or more; an attempt that
 * has fewer to give ends as it would have. With either of these two a client is committed to the
 * attempt and must not retry it (gRFC A6).
 */
export type AbortStage = 'trailers-only' | 'after-headers' | { readonly messages: number };

/** How the first reply of an attempt is changed. */
export type Garbling =
  /** To so many octets, still a message: what is added is a field that nobody knows. */
  | { readonly kind: 'pad'; readonly bytes: number }
  /** To octets that no protobuf parser takes. */
  | { readonly kind: 'no-message' }
  /** Its prefix promises more octets than follow, and then the answer ends with OK. */
  | { readonly kind: 'cut' };

/**
 * A moment of an answer: in place of the response headers, after them, after so many messages (1 or
 * more), in place of the trailers. An answer that has no such moment stays as it is.
 */
export type AnswerMoment = 'headers' | 'after-headers' | 'trailers' | { readonly messages: number };

/** `up` is from the client to the server. */
export type Direction = 'up' | 'down';

/** Which messages of a stream, counted from 1: one, or each with a chance. */
export type MessageChoice =
  | { readonly nth: number }
  /** `draw` is uniform in [0, 1): what the chances of this call follow from. */
  | { readonly share: number; readonly draw: number };

/** What only who stands between client and server can do to an attempt. */
export type ProxyEffect =
  /** RST_STREAM to the client; `request`: before the server sees anything of it. */
  | {
      readonly effect: 'reset';
      /** An HTTP/2 error code. */
      readonly code: number;
      readonly moment: 'request' | AnswerMoment;
    }
  /** The server's answer is replaced by one of HTTP alone, with no word of gRPC. */
  | { readonly effect: 'http-status'; readonly status: number }
  /** The stream ends without trailers. */
  | { readonly effect: 'no-trailers' }
  /** The stream ends within a message of the answer, counted from 1. */
  | { readonly effect: 'truncate'; readonly message: number }
  /** Who sends in a direction gets no window any more, until the fault is over. */
  | { readonly effect: 'stall'; readonly direction: Direction }
  | {
      readonly effect: 'drop' | 'duplicate';
      readonly which: MessageChoice;
      readonly direction: Direction;
    };

/** What is to be done to an attempt. */
export type CallEffect =
  | ProxyEffect
  | AbortEffect
  /** Hold the attempt back for so long before it is served. It takes no slot meanwhile. */
  | { readonly effect: 'delay'; readonly ns: number }
  /** Accept it and do nothing, until the fault is over. */
  | { readonly effect: 'hang' }
  /** Go on with the work for it when its client is gone. */
  | { readonly effect: 'persist' }
  /** Send its stream of replies no faster than one per so many ns. */
  | { readonly effect: 'pace'; readonly intervalNs: number }
  | { readonly effect: 'garble'; readonly garbling: Garbling };

/** Whether an effect lasts until its fault is over, for an attempt that is open so long. */
export function isLasting({ effect }: CallEffect): boolean {
  return ['hang', 'persist', 'pace', 'stall'].includes(effect);
}

/** Whether an attempt is over as soon as it is hit, whatever it is a call of. */
export function isInstant(effect: CallEffect): boolean {
  return (
    effect.effect === 'abort' && effect.after === 'arrival' && typeof effect.stage === 'string'
  );
}
