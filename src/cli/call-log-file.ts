/** `calls.ndjson`: calls that interceptors logged, one a line; made when the first comes. */
import { AppendFile } from '../metrics/append-file.js';
import type { CallLogLine } from '../metrics/call-log.js';

export interface CallLog {
  add(lines: readonly CallLogLine[]): void;
  close(): Promise<void>;
}

/** @param onError as of `AppendFile`. */
export function createCallLog(path: string, onError: (error: Error) => void): CallLog {
  let file: AppendFile | undefined;
  return {
    add(lines) {
      file ??= new AppendFile(path, onError);
      file.append(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    },
    async close() {
      await file?.close();
    },
  };
}
