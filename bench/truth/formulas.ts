/**
 * What theory says: closed forms, each with its source. Times are in the unit of the service time that
 * goes in; `rho` is utilisation, below 1; `load` is offered traffic in erlangs.
 *
 * Sources: Kleinrock, Queueing Systems I (1975), chapters 3 to 6, unless said otherwise.
 */

/** Mean time in an M/M/1 system: s/(1 − ρ). */
export function mm1Mean(service: number, rho: number): number {
  return service / (1 - rho);
}

/** Quantile of the time in an M/M/1 system, which is exponential with that mean. */
export function mm1Quantile(service: number, rho: number, share: number): number {
  return -Math.log(1 - share) * mm1Mean(service, rho);
}

/** Mean wait of M/D/1: ρs/2(1 − ρ) (Pollaczek and Khinchine; half of M/M/1's). */
export function md1Wait(service: number, rho: number): number {
  return (rho * service) / (2 * (1 - rho));
}

/** Erlang's loss formula B(c, a): the share of calls that find all slots taken. */
export function erlangB(slots: number, load: number): number {
  let blocked = 1;
  for (let slot = 1; slot <= slots; slot++) blocked = (load * blocked) / (slot + load * blocked);
  return blocked;
}

/** Erlang's delay formula C(c, a): the share of calls that must wait in M/M/c. */
export function erlangC(slots: number, load: number): number {
  const blocked = erlangB(slots, load);
  return blocked / (1 - (load / slots) * (1 - blocked));
}

/** Mean wait of M/M/c: C(c, a)·s/(c − a). */
export function mmcWait(service: number, slots: number, load: number): number {
  return (erlangC(slots, load) * service) / (slots - load);
}

/**
 * Mean time in Eₙ/M/1: what each of n exponential servers sees when Poisson arrivals are dealt out in
 * turn. s/(1 − σ), where σ is the root below 1 of σ = A*(μ − μσ), and A* the transform of Erlang-n
 * gaps: (nρ/(nρ + 1 − σ))ⁿ (G/M/1).
 */
export function inTurnMean(service: number, rho: number, servers: number): number {
  let sigma = rho;
  for (let i = 0; i < 10_000; i++) {
    sigma = ((servers * rho) / (servers * rho + 1 - sigma)) ** servers;
  }
  return service / (1 - sigma);
}

/**
 * Quantile of a call hedged once after `delay`, both attempts exponential and independent:
 * P(T > t) = e^(−t/s) before the delay, e^(−(2t − d)/s) after it.
 */
export function hedgedQuantile(service: number, delay: number, share: number): number {
  const single = -Math.log(1 - share) * service;
  return single <= delay ? single : (delay + single) / 2;
}

/** Mean of the same: s − (s/2)·e^(−d/s), the integral of P(T > t). */
export function hedgedMean(service: number, delay: number): number {
  return service - (service / 2) * Math.exp(-delay / service);
}

/** Mean of an exponential time cut off at a deadline: s(1 − e^(−D/s)). */
export function cutOffMean(service: number, deadline: number): number {
  return service * (1 - Math.exp(-deadline / service));
}

/**
 * Attempts per call where each of at most `attempts` fails with a chance of its own:
 * 1 + p + … + p^(n−1) = (1 − pⁿ)/(1 − p).
 */
export function attemptsPerCall(failing: number, attempts: number): number {
  return failing === 1 ? attempts : (1 - failing ** attempts) / (1 - failing);
}

/** Share of such calls that end well: 1 − pⁿ. */
export function succeedingShare(failing: number, attempts: number): number {
  return 1 - failing ** attempts;
}

/**
 * The failing share of attempts at which gRPC's retry throttle turns (gRFC A6): a failure takes a token, a
 * success gives `ratio` of one, so tokens hold their level where p = r(1 − p), at p = r/(1 + r).
 */
export function throttleKnee(ratio: number): number {
  return ratio / (1 + ratio);
}

/**
 * Most attempts per call under a budget of `share` of the calls and `perSecond` besides, as Finagle's:
 * 1 + share + perSecond/λ.
 */
export function budgetedAttempts(ratePerSecond: number, share: number, perSecond: number): number {
  return 1 + share + perSecond / ratePerSecond;
}

/**
 * Most attempts per call under a budget of `share` of the attempts that are open, as Envoy's, where all attempts
 * take as long: retries are that share of all, 1/(1 − share).
 */
export function openBudgetAttempts(share: number): number {
  return 1 / (1 - share);
}

/**
 * Mean time where each call takes the shorter of two of very many queues: s·Σ ρ^(2^i − 2) for i ≥ 1
 * (Mitzenmacher, IEEE TPDS 2001; Vvedenskaya et al. 1996).
 */
export function shorterOfTwoMean(service: number, rho: number): number {
  let sum = 0;
  for (let power = 2; ; power *= 2) {
    const term = rho ** (power - 2);
    if (term < 1e-15) return service * sum;
    sum += term;
  }
}

/**
 * Coefficient of variation of the calls that each of n backends gets of m dealt out at random: the
 * squares of the distances from m/n add up to (n − 1)·m/n on average, so CV = √((n − 1)/m).
 */
export function dealtAtRandomCv(backends: number, calls: number): number {
  return Math.sqrt((backends - 1) / calls);
}

/**
 * By how many standard deviations the success rates of k equally bad backends of n lie below the mean of
 * all: √((n − k)/k). How bad they are cancels out.
 */
export function deviationsBelow(backends: number, bad: number): number {
  return Math.sqrt((backends - bad) / bad);
}

/** The share of equally bad backends from which on none lies `deviations` below the mean: 1/(1 + z²). */
export function unseenFromShare(deviations: number): number {
  return 1 / (1 + deviations ** 2);
}

/**
 * Mean time until a backend that begins to fail every call at a random moment is ejected by its
 * percentage of failures: it is looked at every `interval`, and must have failed more than `threshold` of
 * what it got since the last look. Uniform from threshold·T to (1 + threshold)·T.
 */
export function failurePercentageDelay(interval: number, threshold: number): number {
  return interval * (threshold + 0.5);
}
