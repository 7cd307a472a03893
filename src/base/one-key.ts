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

/** What stands beside the one key. */
type BesideOf<Shapes extends Record<string, z.ZodType>> = {
  readonly [Key in keyof Shapes]: z.output<Shapes[Key]>;
};

/**
 * A schema for a map with exactly one of the keys of `shapes`.
 * @param what names the thing in messages: "a distribution".
 * @param beside keys that may stand beside it.
 * @returns a schema that gives `{ kind, options }`, and what stands beside.
 */
export function oneKey<
  Shapes extends Record<string, z.ZodType>,
  // biome-ignore lint/complexity/noBannedTypes: no keys at all, which an intersection keeps as it is.
  Beside extends Record<string, z.ZodType> = {},
>(what: string, shapes: Shapes, beside?: Beside) {
  const besideKeys = Object.keys(beside ?? {});
  const kinds = Object.keys(shapes);
  const optional = Object.fromEntries(
    Object.entries(shapes).map(([kind, schema]) => [kind, schema.optional()]),
  );
  return z
    .looseObject({ ...optional, ...beside })
    .superRefine((map, context) => {
      const keys = Object.keys(map).filter((key) => !besideKeys.includes(key));
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
      const entries = Object.entries(map);
      const [kind, options] = entries.find(([key]) => !besideKeys.includes(key)) ?? [];
      const more = Object.fromEntries(entries.filter(([key]) => besideKeys.includes(key)));
      return { kind, options, ...more } as OneOf<Shapes> & BesideOf<Beside>;
    });
}
