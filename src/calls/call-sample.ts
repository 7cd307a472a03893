/**
 * What is written down of one call while it goes on, so that it can be told afterwards what happened to
 * it: its attempts, where they went and how they ended. Times are ns on the load clock.
 */
import { statusName } from '../base/status.js';
import type { AttemptKind, SampledAttempt } from '../metrics/record.js';

/** A status message says what it says at its beginning. */
const DETAILS_CHARS_MAX = 120;

/** What a client heard at the end of an attempt, besides its status. */
export interface AttemptWord {
  readonly details?: string | undefined;
  readonly pushback?: string | undefined;
  /** What the server reset its stream with, by name (RFC 9113 §7). */
  readonly resetCode?: string | undefined;
}

interface OpenAttempt {
  readonly kind: AttemptKind;
  readonly backend: string;
  readonly connection: number | undefined;
  readonly startNs: number;
  endNs?: number;
  code?: number;
  word?: AttemptWord | undefined;
}

export class CallSample {
  /** By chance, and not only because every call is followed. */
  readonly isChosen: boolean;
  readonly #attempts: OpenAttempt[] = [];

  #headersNs: number | undefined;

  constructor(isChosen: boolean) {
    this.isChosen = isChosen;
  }

  /** When the response headers were there; undefined while they are not. */
  get headersNs(): number | undefined {
    return this.#headersNs;
  }

  /** Only the attempt that a call is committed to has any (gRFC A6). */
  gotHeaders(nowNs: number): void {
    this.#headersNs = nowNs;
  }

  started(kind: AttemptKind, backend: string, startNs: number, connection?: number): void {
    this.#attempts.push({ kind, backend, connection, startNs });
  }

  /** An attempt that began at `startNs` ended; of several on one backend that tells which. */
  ended(backend: string, startNs: number, endNs: number, code: number, word?: AttemptWord): void {
    let found: OpenAttempt | undefined;
    for (const attempt of this.#attempts) {
      if (attempt.backend !== backend || attempt.endNs !== undefined) continue;
      const distance = Math.abs(attempt.startNs - startNs);
      if (found === undefined || distance < Math.abs(found.startNs - startNs)) found = attempt;
    }
    if (found === undefined) return;
    found.endNs = endNs;
    found.code = code;
    found.word = word;
  }

  /** For the record. @param dueNs when the call was due. */
  attempts(dueNs: number): SampledAttempt[] {
    return this.#attempts.map(({ kind, backend, connection, startNs, endNs, code, word }) => ({
      kind,
      backend,
      ...(connection === undefined ? {} : { connection }),
      startUs: microseconds(startNs - dueNs),
      ...(endNs === undefined ? {} : { endUs: microseconds(endNs - dueNs) }),
      ...(code === undefined ? {} : { status: statusName(code) }),
      ...(word?.details ? { details: word.details.slice(0, DETAILS_CHARS_MAX) } : {}),
      ...(word?.resetCode === undefined ? {} : { resetCode: word.resetCode }),
      ...(word?.pushback === undefined ? {} : { pushback: word.pushback }),
    }));
  }
}

/** Whole µs. */
export const microseconds = (ns: number): number => Math.round(ns / 1e3);
