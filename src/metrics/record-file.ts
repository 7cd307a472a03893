/**
 * `record.ndjson`: a RunRecord as a file, one JSON document a line.
 *
 * It is written line by line while the run goes on, so that a run which is killed leaves everything
 * up to its last interval; the reader therefore takes a last line that was cut short.
 */
import { createReadStream } from 'node:fs';
import { messageOf, UserError } from '../base/errors.js';
import { AppendFile } from './append-file.js';
import { RECORD_SCHEMA, type RecordLine, type RecordSink } from './record.js';

const LINE_TYPES: ReadonlySet<string> = new Set<RecordLine['type']>([
  'run',
  'variant',
  'load',
  'target',
  'proxy',
  'event',
  'variant-end',
]);

/** Writes a record. A write error is told once and the lines after it are dropped. */
export class RecordFile implements RecordSink {
  private readonly file: AppendFile;

  /** @param onError called once, with the first error of opening or writing. */
  constructor(path: string, onError?: (error: Error) => void) {
    this.file = new AppendFile(path, onError);
  }

  /** Why writing stopped; undefined while it goes well. */
  get error(): Error | undefined {
    return this.file.error;
  }

  write(line: RecordLine): void {
    this.file.append(`${JSON.stringify(line)}\n`);
  }

  /** Flushes and closes. Never throws: see `error`. */
  close(): Promise<void> {
    return this.file.close();
  }
}

/**
 * The lines of a record file, in the file's order.
 *
 * A last line without its line end that is not a whole document is dropped: the process that wrote
 * it was killed. Anything else that is not a line of a record throws a `UserError` at `file:line`.
 */
export async function* readRecord(path: string): AsyncGenerator<RecordLine, void, undefined> {
  let number = 0;
  for await (const { text, ended } of linesOf(path)) {
    number++;
    if (text.trim() === '') continue;
    const line = parseLine(text);
    if ('line' in line) yield line.line;
    else if (ended) throw new UserError({ where: `${path}:${number}`, ...line });
  }
}

interface TextLine {
  readonly text: string;
  /** Whether a line end followed it. */
  readonly ended: boolean;
}

async function* linesOf(path: string): AsyncGenerator<TextLine, void, undefined> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
      const parts = `${rest}${String(chunk)}`.split('\n');
      rest = parts.pop() ?? '';
      for (const text of parts) yield { text, ended: true };
    }
  } catch (error) {
    // Only the stream's own errors arrive here: what the consumer throws ends the generator
    // instead.
    throw new UserError(
      { where: path, message: `the record cannot be read: ${messageOf(error)}` },
      { cause: error },
    );
  }
  if (rest !== '') yield { text: rest, ended: false };
}

type ParsedLine = { readonly line: RecordLine } | { readonly message: string; hint?: string };

function parseLine(text: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { message: `not a line of a record: ${messageOf(error)}` };
  }
  const { type, schema } = (value ?? {}) as { type?: unknown; schema?: unknown };
  if (typeof type !== 'string' || !LINE_TYPES.has(type)) {
    return { message: `not a line of a record: its type is ${JSON.stringify(type) ?? 'missing'}` };
  }
  if (type === 'run' && schema !== RECORD_SCHEMA) {
    return {
      message: `a record of schema ${JSON.stringify(schema) ?? '(none)'}, not "${RECORD_SCHEMA}"`,
      hint: 'read it with the version of grpc-squall that made it',
    };
  }
  return { line: value as RecordLine };
}
