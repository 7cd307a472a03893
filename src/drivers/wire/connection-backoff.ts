/**
 * How long an address is left alone after a connection to it failed: gRPC's connection backoff
 * (the gRPC documentation, doc/connection-backoff.md), and its words for it.
 */
import type { Rng } from '../../base/rng.js';

const FIRST_MS = 1_000;
const MULTIPLIER = 1.6;
const MS_MAX = 120_000;
const JITTER = 0.2;
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
  /** An attempt that is not ready by then has failed. */
  readonly connectMs: number;
}

/** The times that channel arguments ask for. */
export function backoffTimes(options: Readonly<Record<string, string | number>>): BackoffTimes {
  const ms = (name: keyof typeof BACKOFF_OPTIONS, fallback: number) =>
    Number(options[name] ?? fallback);
  return {
    firstMs: ms('grpc.initial_reconnect_backoff_ms', FIRST_MS),
    msMax: ms('grpc.max_reconnect_backoff_ms', MS_MAX),
    connectMs: ms('grpc.min_reconnect_backoff_ms', CONNECT_MS_MIN),
  };
}

/** The waits of one place for a connection. */
export class ConnectionBackoff {
  readonly #times: BackoffTimes;
  readonly #random: Rng;
  #failures = 0;

  /** @param random spreads the waits of many clients: a fifth up or down. */
  constructor(times: BackoffTimes, random: Rng) {
    this.#times = times;
    this.#random = random;
  }

  /** An attempt has failed. @returns how long to wait before the next, in ms. */
  nextMs(): number {
    const { firstMs, msMax } = this.#times;
    const exactMs = Math.min(firstMs * MULTIPLIER ** this.#failures, msMax);
    this.#failures++;
    return exactMs * (1 + JITTER * (2 * this.#random() - 1));
  }

  /** A connection was of use. */
  reset(): void {
    this.#failures = 0;
  }
}
