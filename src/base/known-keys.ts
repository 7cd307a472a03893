/**
 * Tells, in the message of an "unrecognized key" issue, which keys there would have been.
 *
 * zod's issue says what is unknown, not what is known; its error map is the one place that still sees
 * the schema. The message is read back by `unknownKeysOf`, for "did you mean …".
 */
import type { z } from 'zod';

const SEPARATOR = '\n';

/** Pass as `error` to `safeParse`. Leaves all other messages as they are. */
export const namingKnownKeys: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const { def } = (issue.inst as z.core.$ZodType | undefined)?._zod ?? {};
  const { shape } = (def ?? {}) as { shape?: object };
  return Object.keys(shape ?? {}).join(SEPARATOR);
};

/** An issue that says itself which keys are known; for schemas that are not plain objects. */
export function unknownKey(key: string, known: readonly string[]) {
  const params = { knownKeys: known };
  return { code: 'custom' as const, path: [key], message: `unknown key "${key}"`, params };
}

/** One unknown key of an issue, where it is one: the path of its map, the key, and what is known. */
export interface UnknownKey {
  readonly mapPath: readonly PropertyKey[];
  readonly key: string;
  readonly known: readonly string[];
}

/** The unknown keys that an issue is about; none when it is about something else. */
export function unknownKeysOf(issue: z.core.$ZodIssue): UnknownKey[] {
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(SEPARATOR).filter((key) => key !== '');
    return issue.keys.map((key) => ({ mapPath: issue.path, key, known }));
  }
  const { knownKeys: known } =
    (issue as { params?: { knownKeys?: readonly string[] } }).params ?? {};
  if (known === undefined) return [];
  return [{ mapPath: issue.path.slice(0, -1), key: String(issue.path.at(-1)), known }];
}
