/**
 * Text that is safe on a terminal.
 *
 * Details of events, reasons and names come from servers and files. A terminal obeys what control
 * characters in them say: they could recolour, retitle or rewrite what stands above them.
 */
import { stripVTControlCharacters } from 'node:util';

// Control characters (C0 with tab and line ends, DEL, C1), line and paragraph separators, and marks
// that reverse the direction of text.
const CONTROLS = / *[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+ */gu;

/**
 * The text without control characters, a run of them becoming one space; ANSI sequences go whole.
 */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, ' ');
}

/** A document with every text in it made plain, keys included. */
export function withPlainText<Document>(document: Document): Document {
  return JSON.parse(JSON.stringify(document), (_key, value: unknown) => {
    if (typeof value === 'string') return plainText(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [plainText(key), one]));
  }) as Document;
}
