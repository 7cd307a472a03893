/**
 * What a variant's servers, clients and loads are, in the scenario's own words: the parts of the file, with what
 * the variant lays over them, on a line each. Exact, and whoever reads a report can write it down again.
 */
import { stringify } from 'yaml';
import { isPlainMap } from './overlay.js';

const PARTS = ['targets', 'tiers', 'proxy', 'chains', 'client', 'load'] as const;

export interface WrittenPart {
  readonly part: (typeof PARTS)[number];
  /** YAML in flow style, on one line. */
  readonly text: string;
}

/** What nobody wants in a log: the whole value stays out. */
const SECRET = /token|password|secret|authorization|cookie|api-?key/i;
const HIDDEN = '…';

/**
 * @param data of the variant, as it is written, laid over the base.
 * @returns the parts that it has; values whose keys say that they are secret are left out of the text.
 */
export function writtenSetup(data: unknown): WrittenPart[] {
  if (!isPlainMap(data)) return [];
  return PARTS.flatMap((part) => {
    const value = withoutSecrets(data[part]);
    if (value === undefined) return [];
    const text = stringify(value, {
      collectionStyle: 'flow',
      lineWidth: 0,
      aliasDuplicateObjects: false,
    });
    return [{ part, text: text.trim() }];
  });
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isPlainMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET.test(key) && typeof inner === 'string' ? HIDDEN : withoutSecrets(inner),
    ]),
  );
}
