/** Bounds that a check puts on a value: at least, at most, or both. */
import type { z } from 'zod';

export interface Bounds {
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
}

/** Whether a value lies within bounds; the ends belong to them. */
export function isWithin(value: number, { atLeast, atMost }: Bounds): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}

/** `>= 95 % and <= 99 %`. */
export function describeBounds({ atLeast, atMost }: Bounds, format: (value: number) => string) {
  const parts = [
    ...(atLeast === undefined ? [] : [`>= ${format(atLeast)}`]),
    ...(atMost === undefined ? [] : [`<= ${format(atMost)}`]),
  ];
  return parts.join(' and ');
}

/** Zod refinement: at least one of the keys is there. */
export const hasOneOf =
  (...keys: readonly string[]) =>
  (options: object): boolean =>
    keys.some((key) => (options as Record<string, unknown>)[key] !== undefined);

/** Zod refinement: bounds that some value can meet. */
export const inOrder = ({ atLeast, atMost }: Bounds): boolean =>
  atLeast === undefined || atMost === undefined || atLeast <= atMost;

/** What a schema says of bounds that no value can meet. */
export const OUT_OF_ORDER = { message: 'atLeast is above atMost' };

/** A schema with bounds that says one of them at least, and such as a value can meet. */
export const bounded = <Schema extends z.ZodType<Bounds>>(schema: Schema): Schema =>
  schema
    .refine(hasOneOf('atMost', 'atLeast'), { message: 'atMost or atLeast is needed' })
    .refine(inOrder, OUT_OF_ORDER);
