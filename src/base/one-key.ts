/**
 * Maps with exactly one key, the key saying what the value is: `{ poisson: 400/s }`,
 * `{ rpc-abort: { code: UNAVAILABLE } }`. Scenario files use them wherever one thing is chosen from
 * a catalogue.
 */
import { z } from 'zod';
import { unknownKey } from './known-keys.js';

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
  const kinds = Object.keys(shapes);
  const optional = Object.fromEntries(
    Object.entries(shapes).map(([kind, schema]) => [kind, schema.optional()]),
  );
  return z
    .looseObject(optional)
    .superRefine((map, context) => {
      const keys = Object.keys(map);
      const unknown = keys.filter((key) => !kinds.includes(key));
      // Not zod's own "unrecognized key": it would go on to the transform, which needs the one key.
      for (const key of unknown) context.addIssue(unknownKey(key, kinds));
      if (unknown.length === 0 && keys.length !== 1) {
        context.addIssue({
          code: 'custom',
          message: `${what} is exactly one of: ${kinds.join(', ')}`,
        });
      }
    })
    .transform((map) => {
      const [kind, options] = Object.entries(map)[0] ?? [];
      return { kind, options } as OneOf<Shapes>;
    });
}
