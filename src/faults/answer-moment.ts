/** `when:` of faults that act within an answer. */
import { z } from 'zod';
import type { AnswerMoment } from './call-effect.js';

export const answerMoment = () =>
  z.union([
    z.enum(['headers', 'after-headers', 'trailers']),
    z.strictObject({ 'after-messages': z.int().min(1).max(1_000_000) }),
  ]);

type Written = z.output<ReturnType<typeof answerMoment>>;

export function momentOfAnswer(written: Written): AnswerMoment {
  return typeof written === 'string' ? written : { messages: written['after-messages'] };
}
