/**
 * A file that is only ever appended to while a run goes on.
 *
 * A run is worth more than its file: when the disk is full the load goes on, the first error is
 * told once, and what would have been written after it is dropped. What is on disk is then a prefix
 * of what was written, which readers of such files take (see `readRecord`).
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

export class AppendFile {
  private readonly stream: WriteStream;
  private firstError: Error | undefined;

  /**
   * Opens `path` for writing and empties it. Errors of opening are told as those of writing are.
   * @param onError called once, with the first error (ENOENT, ENOSPC, EIO …).
   */
  constructor(path: string, onError: (error: Error) => void = () => {}) {
    this.stream = createWriteStream(path, { flags: 'w' });
    // A stream has one error at most: it is destroyed by it.
    this.stream.on('error', (error) => {
      this.firstError = error;
      onError(error);
    });
  }

  /** The first error; undefined while all went well. */
  get error(): Error | undefined {
    return this.firstError;
  }

  /** Appends text. After an error, or after `close`, it does nothing. */
  append(text: string): void {
    if (this.firstError !== undefined || this.stream.destroyed || this.stream.writableEnded) return;
    this.stream.write(text);
  }

  /** Writes out what is still buffered and closes the file. It never throws: see `error`. */
  async close(): Promise<void> {
    if (this.stream.closed) return;
    this.stream.end();
    // The error has been told by the listener above; here only the end is waited for.
    await finished(this.stream).catch(() => undefined);
  }
}
