/**
 * Copying a few octets from one buffer to another, the most frequent act of all.
 *
 * Measured on Node 20 for 40 octets: a loop over octets 29 ns, `set` of a `subarray` 76 ns (the view is
 * an object), four octets at a time through DataViews 12 ns; `set` of a whole buffer 20 ns whatever its
 * length. What a view costs is paid once per source: those that messages are cut out of hold hundreds.
 */
import type { OutputBuffer } from './output-buffer.js';

/** Above it the call into the runtime is cheaper, object and all. */
const WORDS_OCTETS_MAX = 256;

let lastSource: Uint8Array | undefined;
let lastView: DataView = new DataView(new ArrayBuffer(0));

/** Writes `source[start, end)` at `at` of the output, where room for it is reserved. */
export function copyOctets(
  out: OutputBuffer,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
): void {
  if (start === 0 && end === source.length) out.bytes.set(source, at);
  else if (end - start > WORDS_OCTETS_MAX) out.bytes.set(source.subarray(start, end), at);
  else copyWords(out, at, source, start, end);
}

function copyWords(
  out: OutputBuffer,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
): void {
  if (source !== lastSource) {
    lastSource = source;
    lastView = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }
  const { view, bytes } = out;
  const from = lastView;
  const shift = at - start;
  let next = start;
  for (; next + 4 <= end; next += 4) view.setUint32(next + shift, from.getUint32(next));
  for (; next < end; next++) bytes[next + shift] = source[next] as number;
}

/** The octets `source[start, end)`, in memory of their own. Not `slice`: that of a Buffer is a view. */
export function ownOctets(source: Uint8Array, start: number, end: number): Uint8Array {
  return Uint8Array.prototype.slice.call(source, start, end);
}
