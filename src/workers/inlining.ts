/**
 * How far V8 joins the functions of a load's hot path.
 *
 * A call passes some sixty small functions from its due time to its end, since each says one thing. V8's
 * optimising compiler makes one piece of machine code of a function and what it calls, until that is 920
 * octets of bytecode; the path is several times as long, and where it is cut is left to chance. With room
 * for twice as much a call costs about a twentieth less.
 *
 * A flag of V8, so it is the whole process's, and holds for what is compiled from then on: to be set
 * before worker threads start. A V8 that does not know it says so on stderr and goes on without.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * Octets of bytecode. Twice as much was slower as soon as compiling had no core of its own: larger pieces
 * take longer, and are thrown away as a whole when one assumption fails.
 */
const INLINED_BYTECODE_OCTETS_MAX = 2000;

/** The flag's name, as `node --v8-options` lists it. */
export const INLINING_FLAG = '--max-inlined-bytecode-size-cumulative';

export function inlineHotPaths(): void {
  setFlagsFromString(`${INLINING_FLAG}=${INLINED_BYTECODE_OCTETS_MAX}`);
}
