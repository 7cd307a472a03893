/**
 * Catalogues: the kinds of arrivals, calls, faults and checks there are, one file per kind and one
 * line per kind in the folder's `index.ts`.
 *
 * Each entry says what it is called, what it does and how it is written in a scenario. From that come
 * the scenario schema, `squall list` and the reference in docs/; nothing else knows a kind by name.
 */
import type { z } from 'zod';
import { type OneOf, oneKey } from './one-key.js';

/** What every catalogue entry has. */
export interface CatalogueEntry {
  /** Its name in scenario files. */
  readonly kind: string;
  /** One sentence for `squall list`. */
  readonly summary: string;
  /** How its options are written. */
  readonly schema: z.ZodType;
}

/** Entries by their kind. */
export type Catalogue<Entry extends CatalogueEntry = CatalogueEntry> = Readonly<
  Record<string, Entry>
>;

type SchemasOf<Entries extends Catalogue> = { [Kind in keyof Entries]: Entries[Kind]['schema'] };

/** A chosen entry of a catalogue with its parsed options. */
export type Chosen<Entries extends Catalogue> = OneOf<SchemasOf<Entries>>;

/**
 * A schema for a map whose one key is a kind of the catalogue: `{ poisson: 400/s }`.
 * @param beside keys that may stand beside it.
 */
export function chosenFrom<
  Entries extends Catalogue,
  // biome-ignore lint/complexity/noBannedTypes: no keys at all.
  Beside extends Record<string, z.ZodType> = {},
>(what: string, entries: Entries, beside?: Beside) {
  const schemas = Object.fromEntries(
    Object.entries(entries).map(([kind, entry]) => [kind, entry.schema]),
  ) as SchemasOf<Entries>;
  return oneKey(what, schemas, beside);
}

/** The entry of a kind that a schema has already accepted. */
export function entryOf<Entry extends CatalogueEntry>(
  entries: Catalogue<Entry>,
  kind: string,
): Entry {
  const entry = entries[kind];
  if (entry === undefined) throw new Error(`no catalogue entry "${kind}"`);
  return entry;
}
