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
