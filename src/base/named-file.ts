/**
 * Files that a scenario names in its values, read while these are parsed.
 *
 * A schema is given nothing but the value, so who reads for it is set around the parsing, which never
 * waits. A file is read once, however often its name is parsed: all variants of a scenario see the
 * same text, and the plan made of it needs the file no more.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

const MIB = 1024 * 1024;
/** Larger ones are refused: they would be held whole. */
const FILE_BYTES_MAX = 64 * MIB;

export interface NamedFile {
  /** As shown in messages. */
  readonly path: string;
  readonly text: string;
}

/** @throws when it cannot be read; the message says why. */
export type ReadNamedFile = (name: string) => NamedFile;

/** Reads files by names that are relative to another file. */
export function filesBeside(file: string): ReadNamedFile {
  const known = new Map<string, NamedFile>();
  return (name) => {
    const found = known.get(name) ?? readFrom(isAbsolute(name) ? name : join(dirname(file), name));
    known.set(name, found);
    return found;
  };
}

function readFrom(path: string): NamedFile {
  const stat = statSync(path);
  if (!stat.isFile()) throw new Error('it is no file');
  if (stat.size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX / MIB} MiB`);
  return { path, text: readFileSync(path, 'utf8') };
}

let reader: ReadNamedFile = () => {
  throw new Error('files can only be named in a scenario');
};

/** Parses something with a reader at hand for the files that it names. */
export function readingFiles<Result>(read: ReadNamedFile, parse: () => Result): Result {
  const before = reader;
  reader = read;
  try {
    return parse();
  } finally {
    reader = before;
  }
}

/** For schemas. @throws as `ReadNamedFile` does. */
export function readNamedFile(name: string): NamedFile {
  return reader(name);
}
