/**
 * Tells, in the message of an "unrecognized key" issue, which keys there would have been.
 *
 * zod's issue says what is unknown, not what is known; its error map is the one place that still sees
 * the schema. The message is read back by `knownKeysOf`, for "did you mean …".
 */
import type { z } from 'zod';

const SEPARATOR = '\n';

/** Pass as `error` to `safeParse`. Leaves all other messages as they are. */
export const namingKnownKeys: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const { def } = (issue.inst as z.core.$ZodType | undefined)?._zod ?? {};
  const { shape } = (def ?? {}) as { shape?: object };
  return knownKeysMessage(Object.keys(shape ?? {}));
};

/** The message of an issue that says which keys are known. */
export function knownKeysMessage(keys: readonly string[]): string {
  return keys.join(SEPARATOR);
}

/** The keys that an "unrecognized key" issue's schema knows. */
export function knownKeysOf(issue: { readonly message: string }): string[] {
  return issue.message.split(SEPARATOR).filter((key) => key !== '');
}
