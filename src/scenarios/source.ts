/**
 * A scenario file as text, and where in it each value stands.
 *
 * YAML 1.2 gives plain data; the document it came from is kept, so that a mistake found later, in the
 * data, can be reported with file:line:column.
 */
import { type Document, isMap, isNode, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type Mistake, UserError } from '../base/errors.js';

/** Keys and indexes from the root of the document. */
export type Path = readonly PropertyKey[];

/** A parsed file. */
export interface Source {
  readonly file: string;
  /** The document as plain data. */
  readonly data: unknown;
  /**
   * `file:line:column` of the value at a path; of its nearest existing parent when it is missing.
   * @param key point at the key of the last step, not at its value.
   */
  locate(path: Path, key?: boolean): string;
  /** Line of the value at a path, from 1. */
  lineOf(path: Path): number;
}

/**
 * Parses YAML text.
 * @param file name for messages.
 * @throws UserError with every syntax error of the file.
 */
export function parseSource(file: string, text: string): Source {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: true, stringKeys: true });
  const place = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  if (document.errors.length > 0) {
    const mistakes: Mistake[] = document.errors.map(({ pos, message }) => ({
      where: place(pos[0]),
      // The library's message goes on with a drawing of the line; the place says enough.
      message: (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, ''),
    }));
    throw new UserError(mistakes);
  }
  const offset = (path: Path, key: boolean) => nodeOffset(document, path, key);
  return {
    file,
    data: document.toJS() as unknown,
    locate: (path, key = false) => place(offset(path, key)),
    lineOf: (path) => Math.max(lineCounter.linePos(offset(path, false)).line, 1),
  };
}

/** Where the node at a path begins, or the deepest node on the way to it that exists. */
function nodeOffset(document: Document, path: Path, key: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const next = child(node, step);
    if (next === undefined) break;
    const wantKey = key && index === path.length - 1;
    offset = (wantKey ? next.keyOffset : (startOf(next.value) ?? next.keyOffset)) ?? offset;
    node = next.value;
  }
  return offset;
}

function child(
  node: unknown,
  step: PropertyKey,
): { value: unknown; keyOffset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => String(isNode(key) ? key.toJSON() : key) === step);
    return pair && { value: pair.value, keyOffset: startOf(pair.key) };
  }
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { value: item, keyOffset: startOf(item) };
  }
  return undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? ((node as Node).range?.[0] ?? undefined) : undefined;
}
