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

/** @param data of the variant, as it is written, laid over the base. */
export function writtenSetup(data: unknown): WrittenPart[] {
  if (!isPlainMap(data)) return [];
  return PARTS.flatMap((part) => {
    const value = data[part];
    if (value === undefined) return [];
    const text = stringify(value, {
      collectionStyle: 'flow',
      lineWidth: 0,
      aliasDuplicateObjects: false,
    });
    return [{ part, text: text.trim() }];
  });
}
