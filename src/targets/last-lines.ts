/** Keeps the last lines that a child wrote, for the sentence that says why it died. */
import type { Readable } from 'node:stream';

/** @returns the last lines so far, oldest first, without empty ones. */
export function keepLastLines(stream: Readable, linesMax: number): () => string[] {
  let lines: string[] = [];
  let unfinished = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const parts = (unfinished + text).split('\n');
    unfinished = parts.pop() ?? '';
    lines = [...lines, ...parts.filter((line) => line.trim() !== '')].slice(-linesMax);
  });
  return () => (unfinished.trim() === '' ? lines : [...lines, unfinished]).slice(-linesMax);
}
