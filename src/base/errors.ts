/**
 * What goes wrong, by who can mend it.
 *
 * A `UserError` is a mistake in what we were given (exit 2) and carries every mistake found, not the
 * first. A `RunError` is a run that cannot be trusted or finished (exit 3): a target that died, a
 * disk that is full. Anything else that is thrown is a bug in grpc-squall (exit 70).
 */

/** One mistake: where, what was expected and got, and what to do about it. */
export interface Mistake {
  /** `file:line:column`, an option (`--set client.deadline`), or absent when there is no place. */
  readonly where?: string;
  /** What is wrong, as a sentence without a full stop. */
  readonly message: string;
  /** What would be right: the nearest valid word, an example. */
  readonly hint?: string;
}

/** Mistakes in the input. Nothing was started. */
export class UserError extends Error {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: Mistake | readonly Mistake[], options?: ErrorOptions) {
    const list = Array.isArray(mistakes) ? (mistakes as readonly Mistake[]) : [mistakes as Mistake];
    super(list.map(formatMistake).join('\n'), options);
    this.name = 'UserError';
    this.mistakes = list;
  }
}

/** A run that could not be carried to its end, or whose result cannot be trusted. */
export class RunError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RunError';
  }
}

/** `where: message (hint)`, on one line. */
export function formatMistake({ where, message, hint }: Mistake): string {
  return `${where === undefined ? '' : `${where}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * Marks a place that cannot be reached while the types hold: the default of a `switch` over a union.
 */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
