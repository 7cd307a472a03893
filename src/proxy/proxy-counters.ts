/** What a proxy counts, from its start. */
import type { ServingStatus } from '../base/serving-status.js';
import type { HeaderBlock } from '../http2/header-block.js';
import { fieldValue } from '../http2/header-field.js';
import { ATTEMPTS_KEY, parseAttempts } from '../targets/call-host.js';

/** Numbers of previous attempts above it are counted as it: they come from clients. */
const PREVIOUS_ATTEMPTS_MAX = 99;

export interface ProxyCounters {
  connectionsAccepted: number;
  /** Upstream connections that failed or were lost before their client went. */
  upstreamsLost: number;
  callsStarted: number;
  /** Calls that the server's connection took with it. */
  callsLost: number;
  /** Answers by gRPC status code, 0 to 16. */
  readonly statuses: number[];
  /** Calls by the number of previous attempts that they declare (`grpc-previous-rpc-attempts`). */
  readonly previousAttempts: number[];
  /** Calls that the client or the server reset, an answer cut short (`NO_ERROR`) not among them. */
  resetsByClients: number;
  resetsByServers: number;
  /** Octets that wait in streams now, and the most since somebody set it back. */
  heldBytes: number;
  heldBytesMax: number;
  /** What servers said of their health, by status. */
  readonly healthAnswers: Record<ServingStatus, number>;
  /** How often a stream had more to send than its receiver's windows took. */
  windowStalls: number;
}

export function createProxyCounters(): ProxyCounters {
  return {
    connectionsAccepted: 0,
    upstreamsLost: 0,
    callsStarted: 0,
    callsLost: 0,
    statuses: new Array<number>(17).fill(0),
    previousAttempts: [],
    resetsByClients: 0,
    resetsByServers: 0,
    heldBytes: 0,
    heldBytesMax: 0,
    healthAnswers: { UNKNOWN: 0, SERVING: 0, NOT_SERVING: 0, SERVICE_UNKNOWN: 0 },
    windowStalls: 0,
  };
}

/** Counts the calls of one client: nearly all begin with the block of the one before. */
export class CallCount {
  readonly #counters: ProxyCounters;
  #block: HeaderBlock | undefined;
  /** What that block declares. */
  #previousAttempts = 0;

  constructor(counters: ProxyCounters) {
    this.#counters = counters;
  }

  /** A call has come. */
  call(block: HeaderBlock): void {
    const { previousAttempts: attempts } = this.#counters;
    this.#counters.callsStarted++;
    if (block !== this.#block) {
      this.#block = block;
      const previous = parseAttempts(fieldValue(block.fields, ATTEMPTS_KEY));
      this.#previousAttempts = Math.min(previous, PREVIOUS_ATTEMPTS_MAX);
    }
    const index = this.#previousAttempts;
    attempts[index] = (attempts[index] ?? 0) + 1;
  }
}

/** So many more octets wait in a stream, or fewer. */
export function countHeld(counters: ProxyCounters, octets: number): void {
  counters.heldBytes += octets;
  if (counters.heldBytes > counters.heldBytesMax) counters.heldBytesMax = counters.heldBytes;
}
