/**
 * Randomness that follows from a seed, and from nothing else.
 *
 * Two forms. `hash*` answers a question about one numbered thing ("does fault f hit call 1234 under
 * seed 7?") with the same answer in any process, in any order: what makes two variants of a scenario
 * meet the same faults. `createRng` is a sequence, for things that are drawn one after another.
 */

/** A source of numbers uniform in [0, 1). */
export type Rng = () => number;

const U32 = 0x1_0000_0000;

/** 32-bit FNV-1a of a string: turns a name into a number that can be mixed into a hash. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** The 32-bit finaliser of MurmurHash3: every input bit changes about half of the output bits. */
export function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A 32-bit hash of whole numbers. Each may be up to 2^53; order matters.
 */
export function hashNumbers(...values: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const value of values) {
    hash = mix(hash ^ (value >>> 0));
    hash = mix((hash + Math.floor(value / U32) + 0x9e3779b9) >>> 0);
  }
  return hash;
}

/** A number uniform in [0, 1) that follows from the given whole numbers. */
export function hashToUnit(...values: readonly number[]): number {
  return hashNumbers(...values) / U32;
}

/**
 * A seeded sequence (sfc32, Chris Doty-Humphrey's small fast counter generator; 32 random bits a
 * draw, period at least 2^32). `stream` names what it is for, so that two uses of one seed are
 * independent of each other.
 */
export function createRng(seed: number, stream: string): Rng {
  let a = hashNumbers(seed, 1);
  let b = hashName(stream);
  let c = hashNumbers(seed, b);
  let counter = 1;
  const next = () => {
    const t = (((a + b) >>> 0) + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + t) >>> 0;
    return t / U32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** An exponential draw with mean 1. Never infinite: the unit draw is below 1. */
export function exponential(rng: Rng): number {
  return -Math.log1p(-rng());
}
