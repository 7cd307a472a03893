/** Header fields, as HPACK carries them and as everything above it reads them. */

/** One field. Both strings hold octets: each character is one of 0 … 255. */
export interface HeaderField {
  /** Lower case, pseudo-fields with their colon (RFC 9113 §8.2). */
  readonly name: string;
  readonly value: string;
  /**
   * Must never enter a compression table, here or at any later hop (RFC 7541 §7.1.3). A proxy passes
   * this on as it came.
   */
  readonly neverIndexed: boolean;
}

/** Overhead that a field counts with in table and list sizes (RFC 7541 §4.1, RFC 9113 §10.5.1). */
export const FIELD_OVERHEAD_BYTES = 32;

/** A frozen field. */
export function headerField(name: string, value: string, neverIndexed = false): HeaderField {
  return Object.freeze({ name, value, neverIndexed });
}

/** Fields from pairs, in order: `[[':method', 'POST'], …]`. */
export function headerFields(pairs: Iterable<readonly [string, string]>): readonly HeaderField[] {
  return Object.freeze(Array.from(pairs, ([name, value]) => headerField(name, value)));
}

/** What a field counts with: octets of name and value plus the overhead. */
export function fieldSize(field: HeaderField): number {
  return field.name.length + field.value.length + FIELD_OVERHEAD_BYTES;
}

/** The value of the first field of a name. */
export function fieldValue(fields: readonly HeaderField[], name: string): string | undefined {
  for (const field of fields) {
    if (field.name === name) return field.value;
  }
  return undefined;
}
