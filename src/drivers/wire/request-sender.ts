/**
 * How one connection sends requests: a call's first frames come in, its stream goes out.
 *
 *   request that recurs ────────► one template for all of its frames
 *   request that comes once ────► a template for its head; the message after it
 *   call that was held up ──────► the same with the time that remains, since the server counts from
 *                                 when it gets the call
 */
import { callIdText, writeCallId } from '../../base/call-id.js';
import { monotonicNowNs } from '../../base/clock.js';
import type { Connection } from '../../http2/connection.js';
import type { FrameTemplate, TemplateValue } from '../../http2/frame-template.js';
import { formatGrpcTimeout } from '../../http2/grpc-timeout.js';
import { requestFields, TIMEOUT_FIELD, VARYING_FIELDS } from './request-fields.js';
import type { WireAddress } from './wire-address.js';
import type { WireCall } from './wire-call.js';
import type { RequestHead, WireRequest } from './wire-requests.js';

/** A call that was held up for longer than this says how much of its time is left. */
const DELAY_NS_MAX = 1e6;

export class RequestSender {
  readonly #connection: Connection;
  readonly #address: WireAddress;
  /** All frames of requests that recur. */
  readonly #whole = new WeakMap<WireRequest, FrameTemplate>();
  /** Heads alone; and those whose timeout is what remains. */
  readonly #heads = new Map<RequestHead, FrameTemplate>();
  readonly #delayedHeads = new Map<RequestHead, FrameTemplate>();
  /** The one used last: a load sends the same request again and again. */
  #lastRequest: WireRequest | undefined;
  #lastTemplate: FrameTemplate | undefined;

  /** What the call at hand says of itself. */
  readonly #callId = callIdText();
  readonly #values: readonly TemplateValue[] = [this.#callId];

  constructor(connection: Connection, address: WireAddress) {
    this.#connection = connection;
    this.#address = address;
  }

  /** @returns the stream's id, 0 when the connection takes no more streams. */
  start(call: WireCall): number {
    const { request, ticket, isPrompt } = call;
    const { isNumbered } = request.head;
    // For a connection that is full nothing is formatted.
    if ((isNumbered || !isPrompt) && !this.#connection.canStart) return 0;
    if (isNumbered) writeCallId(this.#callId, ticket.ordinal, ticket.dueNs);
    const values = isNumbered ? this.#values : undefined;
    const leftNs = isPrompt ? undefined : remainingNs(call);
    if (leftNs !== undefined) {
      const delayed = [...(values ?? []), formatGrpcTimeout(leftNs)];
      return this.#startInParts(this.#delayedHead(request.head), delayed, request.body);
    }
    if (!request.recurs) return this.#startInParts(this.#head(request.head), values, request.body);
    return this.#connection.startTemplate(this.#templateOf(request), values);
  }

  #startInParts(
    head: FrameTemplate,
    values: readonly TemplateValue[] | undefined,
    body: Uint8Array | undefined,
  ): number {
    const streamId = this.#connection.startTemplate(head, values);
    if (streamId !== 0 && body !== undefined) this.#connection.write(streamId, body, true);
    return streamId;
  }

  #templateOf(request: WireRequest): FrameTemplate {
    if (request === this.#lastRequest && this.#lastTemplate !== undefined) {
      return this.#lastTemplate;
    }
    let template = this.#whole.get(request);
    if (template === undefined) {
      template = this.#newTemplate(request.head, varyingOf(request.head), request.body);
      this.#whole.set(request, template);
    }
    this.#lastRequest = request;
    this.#lastTemplate = template;
    return template;
  }

  #head(head: RequestHead): FrameTemplate {
    return kept(this.#heads, head, () => this.#newTemplate(head, varyingOf(head)));
  }

  #delayedHead(head: RequestHead): FrameTemplate {
    return kept(this.#delayedHeads, head, () =>
      this.#newTemplate({ ...head, timeoutNs: undefined }, [...varyingOf(head), TIMEOUT_FIELD]),
    );
  }

  #newTemplate(head: RequestHead, varying: readonly string[], body?: Uint8Array): FrameTemplate {
    return this.#connection.template({
      headers: requestFields(head, this.#address),
      varying,
      ...(body === undefined ? {} : { body, endStream: true }),
    });
  }
}

function varyingOf({ isNumbered }: RequestHead): readonly string[] {
  return isNumbered ? VARYING_FIELDS : [];
}

/** What is left of a call's time, when it has one and has lost a part of it worth telling. */
function remainingNs({ request: { head }, deadlineNs }: WireCall): number | undefined {
  const { timeoutNs } = head;
  if (timeoutNs === undefined) return undefined;
  const leftNs = deadlineNs - monotonicNowNs();
  return timeoutNs - leftNs < DELAY_NS_MAX ? undefined : leftNs;
}

function kept(
  templates: Map<RequestHead, FrameTemplate>,
  head: RequestHead,
  make: () => FrameTemplate,
): FrameTemplate {
  let template = templates.get(head);
  if (template === undefined) {
    template = make();
    templates.set(head, template);
  }
  return template;
}
