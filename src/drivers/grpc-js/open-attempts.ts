/**
 * How many attempts are in flight on an endpoint, as a balancer should see it: from the moment that
 * the endpoint was picked.
 *
 * grpc-js starts an attempt a little after its pick, and of many that are sent in one turn of the
 * event loop all are picked before the first has started: counted from their start, a balancer would
 * send them all to the same endpoint. But a pick need not be followed by a start (the call was
 * cancelled, the connection was lost in between), and of that grpc-js tells nobody. So a pick counts
 * for the turn that it was made in, and for longer only when it was started.
 */

/** What is counted on. */
export interface CountedEndpoint {
  inFlight: number;
}

/** One attempt, from its pick. */
export interface CountedAttempt {
  started(): void;
  ended(): void;
}

interface Picked {
  readonly endpoint: CountedEndpoint;
  isStarted: boolean;
  isCounted: boolean;
}

export interface OpenAttempts {
  /** An endpoint was picked. */
  picked(endpoint: CountedEndpoint): CountedAttempt;
}

/** @param atTurnsEnd runs a function when what was picked has started, if ever. */
export function createOpenAttempts(
  atTurnsEnd: (settle: () => void) => void = setImmediate,
): OpenAttempts {
  let unsettled: Picked[] = [];
  const settle = () => {
    for (const attempt of unsettled) {
      if (!attempt.isStarted) discount(attempt);
    }
    unsettled = [];
  };
  return {
    picked(endpoint) {
      const attempt = { endpoint, isStarted: false, isCounted: true };
      endpoint.inFlight++;
      if (unsettled.push(attempt) === 1) atTurnsEnd(settle);
      return {
        started() {
          attempt.isStarted = true;
          if (attempt.isCounted) return;
          attempt.isCounted = true;
          endpoint.inFlight++;
        },
        ended: () => discount(attempt),
      };
    },
  };
}

function discount(attempt: Picked): void {
  if (!attempt.isCounted) return;
  attempt.isCounted = false;
  attempt.endpoint.inFlight--;
}
