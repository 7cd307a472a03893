/**
 * Exit codes of the program. Those of a finished run (0, 1, 3, 130) are its outcome's; see
 * gates/outcome.ts.
 */

/** The input was wrong: nothing was started. */
export const EXIT_BAD_INPUT = 2;
/** A bug in grpc-squall. */
export const EXIT_BUG = 70;
