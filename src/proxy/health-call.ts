/**
 * A Check or a Watch on its way through the proxy: the server answers, and faults change what it says.
 *
 *   request ──(which service?)──► server ──status──► told to the client, unless a fault says otherwise
 *                                  fault begins or ends ──► the client of a Watch is told what counts now
 */
import type { ServingStatus } from '../base/serving-status.js';
import type { HeaderBlock } from '../http2/header-block.js';
import { framedStatus, readService, readStatus } from './health-messages.js';
import type { HealthOverrides } from './health-overrides.js';
import type { Meddler } from './meddler.js';
import { ChangedMessages } from './meddlers/changed-messages.js';
import type { RelayStream } from './relay-stream.js';

/** Puts hands into both directions of a call, given its stream to the server. @param end ends it with a status. */
export function meddleWithHealth(
  toServer: RelayStream,
  overrides: HealthOverrides,
  isWatch: boolean,
  end: (code: number, details: string) => void,
): void {
  const answers = new HealthAnswers(toServer.other, overrides, isWatch, end);
  toServer.meddler = new ChangedMessages({ nth: 1 }, (framed) => {
    answers.service = readService(framed);
    answers.update();
    return [framed];
  });
  toServer.other.meddler = answers;
}

const ALL = { share: 1, draw: 0 } as const;

class HealthAnswers implements Meddler {
  /** Undefined until the request has come, or when it cannot be read. */
  service: string | undefined;
  readonly #toClient: RelayStream;
  readonly #overrides: HealthOverrides;
  readonly #isWatch: boolean;
  readonly #end: (code: number, details: string) => void;
  readonly #messages: ChangedMessages;
  readonly #stop: () => void;
  /** What the server said last. */
  #real: ServingStatus | undefined;
  #told: ServingStatus | undefined;

  constructor(
    toClient: RelayStream,
    overrides: HealthOverrides,
    isWatch: boolean,
    end: (code: number, details: string) => void,
  ) {
    this.#toClient = toClient;
    this.#overrides = overrides;
    this.#isWatch = isWatch;
    this.#end = end;
    this.#messages = new ChangedMessages(ALL, (framed) => this.#said(framed));
    this.#stop = isWatch ? overrides.onChange(() => this.update()) : () => {};
  }

  block(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    this.#messages.block(stream, block, endStream);
  }

  data(
    stream: RelayStream,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void {
    this.#messages.data(stream, bytes, start, end, endStream);
  }

  over(): void {
    this.#stop();
  }

  /** What counts has perhaps changed: a Watch is told. */
  update(): void {
    if (!this.#isWatch || this.service === undefined || this.#toClient.isOver) return;
    const effect = this.#overrides.watchEffectOf(this.service);
    if (effect?.effect === 'end') {
      this.#stop();
      this.#end(effect.code, effect.details);
    }
    if (effect !== undefined || this.#real === undefined) return;
    const status = this.#overrides.statusOf(this.service) ?? this.#real;
    if (status === this.#told) return;
    this.#told = status;
    this.#toClient.passOwn(framedStatus(status));
  }

  #said(framed: Buffer): readonly Uint8Array[] {
    const status = readStatus(framed);
    if (status === undefined || this.service === undefined) return [framed];
    this.#toClient.end.counters.healthAnswers[status]++;
    this.#real = status;
    if (this.#isWatch) {
      this.update();
      return [];
    }
    const other = this.#overrides.statusOf(this.service);
    return [other === undefined ? framed : framedStatus(other)];
  }
}
