/**
 * Maps with exactly one key, the key saying what the value is: `{ poisson: 400/s }`,
 * `{ rpc-abort: { code: UNAVAILABLE } }`. Scenario files use them wherever one thing is chosen from
 * a catalogue.
 */
import { z } from 'zod';

/** The chosen key and its value's parsed form. */
export type OneOf<Shapes extends Record<string, z.ZodType>> = {
  [Kind in keyof Shapes & string]: {
    readonly kind: Kind;
    readonly options: z.output<Shapes[Kind]>;
  };
}[keyof Shapes & string];

/**
 * A schema for a map with exactly one of the keys of `shapes`.
 * @param what names the thing in messages: "a distribution".
 * @returns a schema that gives `{ kind, options }`.
 */
export function oneKey<Shapes extends Record<string, z.ZodType>>(what: string, shapes: Shapes) {
  const optional = Object.fromEntries(
    Object.entries(shapes).map(([kind, schema]) => [kind, schema.optional()]),
  );
  return z
    .strictObject(optional)
    .refine((map) => Object.keys(map).length === 1, {
      message: `${what} is exactly one of: ${Object.keys(shapes).join(', ')}`,
      // An unknown key is a mistake of its own, and says more than this would.
      when: ({ issues }) => issues.length === 0,
    })
    .transform((map) => {
      const [kind, options] = Object.entries(map)[0] ?? [];
      return { kind, options } as OneOf<Shapes>;
    });
}
