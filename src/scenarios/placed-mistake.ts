/** A mistake that only shows once all parts of a variant are known. */
import type { Path } from './source.js';

export interface PlacedMistake {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
}
