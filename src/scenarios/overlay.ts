/**
 * Laying one map over another, without forgetting where each value came from.
 *
 * Variants, `quick:` and `--set` are overlays: maps are merged key by key, everything else (lists
 * too) is replaced, and `null` takes a key away. The origin of every value is kept, so that a mistake
 * in the merged result is reported where it was written.
 */
import type { Path } from './source.js';

/** A place a value can come from. */
export interface Origin {
  /** `file:line:column`, or `--set …`. @param key point at the last step's key. */
  locate(path: Path, key?: boolean): string;
}

/** Data with the origin of its parts. */
export interface Layered {
  readonly data: unknown;
  /** Where the value at a path was written. */
  locate(path: Path, key?: boolean): string;
}

type PlainMap = Record<string, unknown>;

export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A layer from one origin. @param at the path in the origin at which the data stands. */
export function layer(data: unknown, origin: Origin, at: Path = []): Layered {
  return { data, locate: (path, key) => origin.locate([...at, ...path], key) };
}

/** `over` laid over `base`. */
export function overlay(base: Layered, over: Layered): Layered {
  return {
    data: merge(base.data, over.data),
    locate(path, key) {
      return has(over.data, path) ? over.locate(path, key) : base.locate(path, key);
    },
  };
}

function merge(base: unknown, over: unknown): unknown {
  if (!isPlainMap(base) || !isPlainMap(over)) return over;
  const merged: PlainMap = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete merged[key];
    else merged[key] = key in merged ? merge(merged[key], value) : value;
  }
  return merged;
}

/**
 * Whether an overlay is what put the value at `path` there: it has that very path, or replaced
 * something above it (a list, or a value that is no map) whole.
 */
function has(data: unknown, path: Path): boolean {
  let value = data;
  for (const step of path) {
    if (Array.isArray(value)) return true;
    if (!isPlainMap(value)) return false;
    if (!(String(step) in value)) return false;
    value = value[String(step)];
  }
  return path.length > 0;
}
