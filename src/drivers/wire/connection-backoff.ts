/**
 * How long an address is left alone after a connection to it failed: gRPC's connection backoff
 * (the gRPC documentation, doc/connection-backoff.md), and its words for it.
 */
import type { Rng } from '../../base/rng.js';
import type { ClientSpec } from '../spec.js';

const FIRST_MS = 1_000;
export const BACKOFF_MULTIPLIER = 1.6;
const MS_MAX = 120_000;
/** Fraction of a wait, up or down. */
export const BACKOFF_JITTER = 0.2;
const CONNECT_MS_MIN = 20_000;

/** Channel arguments of gRPC that the wire driver knows, and what each is. */
export const BACKOFF_OPTIONS = {
  'grpc.initial_reconnect_backoff_ms': 'first wait after a failed connection (1000)',
  'grpc.max_reconnect_backoff_ms': 'longest wait (120000)',
  'grpc.min_reconnect_backoff_ms': 'time that a connection is given to become ready (20000)',
} as const;

export interface BackoffTimes {
  readonly firstMs: number;
  readonly msMax: number;
  readonly multiplier: number;
  /** Fraction of a wait, up or down. */
  readonly jitter: number;
  /** An attempt that is not ready by then has failed. */
  readonly connectMs: number;
}

/** What a client asks for: times by channel arguments, the rest in its spec. */
export function backoffTimes({
  channelOptions: options,
  connectBackoff,
}: Pick<ClientSpec, 'channelOptions' | 'connectBackoff'>): BackoffTimes {
  const ms = (name: keyof typeof BACKOFF_OPTIONS, fallback: number) =>
    Number(options[name] ?? fallback);
  return {
    firstMs: ms('grpc.initial_reconnect_backoff_ms', FIRST_MS),
    msMax: ms('grpc.max_reconnect_backoff_ms', MS_MAX),
    multiplier: connectBackoff?.multiplier ?? BACKOFF_MULTIPLIER,
    jitter: connectBackoff?.jitter ?? BACKOFF_JITTER,
    connectMs: ms('grpc.min_reconnect_backoff_ms', CONNECT_MS_MIN),
  };
}

/** The waits of one place for a connection. */
export class ConnectionBackoff {
  readonly #times: BackoffTimes;
  readonly #random: Rng;
  #failures = 0;

  /** @param random spreads the waits of many clients. */
  constructor(times: BackoffTimes, random: Rng) {
    this.#times = times;
    this.#random = random;
  }

  /** An attempt has failed. @returns how long to wait before the next, in ms. */
  nextMs(): number {
    const { firstMs, msMax, multiplier, jitter } = this.#times;
    const exactMs = Math.min(firstMs * multiplier ** this.#failures, msMax);
    this.#failures++;
    return exactMs * (1 + jitter * (2 * this.#random() - 1));
  }

  /** A connection was of use. */
  reset(): void {
    this.#failures = 0;
  }
}
