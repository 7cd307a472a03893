/**
 * Which failures are worth a retry: those with one of some status codes, and, where a rule says so,
 * with certain trailers.
 *
 *     [UNAVAILABLE, DEADLINE_EXCEEDED, { code: ABORTED, trailers: { x-retry: 'yes' } }]
 *
 * What fails on this side, an attempt's own timeout among it, has a code and no trailers.
 */
import { z } from 'zod';
import { didYouMean } from '../../base/nearest.js';
import { STATUS_NAMES, type StatusName, statusCode } from '../../base/status.js';
import { kindOf } from '../../base/units.js';

/** As it stands in a plan. */
export interface RetryRule {
  /** Absent: any failure. */
  readonly code?: StatusName;
  /** All of them have to be there, with these values. */
  readonly trailers?: Readonly<Record<string, string>>;
}

/** An attempt that ended. */
export interface AttemptEnd {
  readonly code: number;
  /** Values of a trailer; none when it did not come. */
  trailer(key: string): readonly (string | Buffer)[];
}

const FAILURES = STATUS_NAMES.filter((name) => name !== 'OK');

const failure = z.any().transform((value: unknown, context): StatusName => {
  if (typeof value === 'string' && (FAILURES as string[]).includes(value)) {
    return value as StatusName;
  }
  const params = { hint: didYouMean(String(value), FAILURES) };
  const got = typeof value === 'string' ? `"${value}"` : kindOf(value);
  context.addIssue({ code: 'custom', message: `${got} is not the code of an error`, params });
  return z.NEVER;
});

const trailers = z
  .record(
    z.string().regex(/^[0-9a-z_.-]+$/, 'made of lower case letters, digits, "_", "-" and "."'),
    z.string(),
  )
  .refine((entries) => Object.keys(entries).length > 0, 'at least one key is needed here')
  .refine((entries) => !Object.keys(entries).some((key) => key.endsWith('-bin')), {
    message: 'binary trailers cannot be compared',
  });

const conditional = z
  .strictObject({ code: failure.optional(), trailers })
  .transform(({ code, trailers: wanted }): RetryRule => {
    return { ...(code === undefined ? {} : { code }), trailers: wanted };
  });

const rule = z.any().transform((value: unknown, context): RetryRule => {
  const isMap = typeof value === 'object' && value !== null;
  const parsed = isMap ? conditional.safeParse(value) : failure.safeParse(value);
  if (parsed.success) return typeof parsed.data === 'string' ? { code: parsed.data } : parsed.data;
  for (const issue of parsed.error.issues) {
    context.issues.push({ ...issue, input: value } as (typeof context.issues)[number]);
  }
  return z.NEVER;
});

/** A list of rules; one that is met is enough. */
export const retryRules = z.array(rule).min(1, 'at least one code is needed');

/** Whether an attempt that ended so is worth a retry. */
export type IsRetryable = (end: AttemptEnd) => boolean;

export function compileRules(rules: readonly RetryRule[]): IsRetryable {
  const compiled = rules.map(({ code, trailers: wanted = {} }) => ({
    code: code === undefined ? undefined : statusCode(code),
    wanted: Object.entries(wanted),
  }));
  return (end) =>
    end.code !== 0 &&
    compiled.some(
      ({ code, wanted }) =>
        (code === undefined || code === end.code) &&
        wanted.every(([key, value]) => end.trailer(key).includes(value)),
    );
}
