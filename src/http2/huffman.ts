/**
 * The Huffman code of HPACK (RFC 7541 §5.2 and Appendix B).
 *
 * The code is canonical: codes of one length are consecutive in the order of their symbols, so the
 * lengths alone say everything. From them come the encoder's codes and a decoder table that is
 * walked half an octet at a time: no code is shorter than five bits, hence at most one symbol falls
 * out of every four, and a state is one of the tree's 256 inner nodes. The table has 256 × 16 entries
 * and stays in the first-level cache.
 */

/** Code lengths in bits of the octets 0 … 255 and of EOS. */
// biome-ignore format: rows of the table in the order of Appendix B
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
] as const;

const EOS = 256;
const BITS_MAX = 30;

const CODE_LENGTHS = Uint8Array.from(LENGTHS);
const CODES = canonicalCodes();

function canonicalCodes(): Uint32Array {
  const codes = new Uint32Array(LENGTHS.length);
  let code = 0;
  for (let bits = 1; bits <= BITS_MAX; bits++) {
    code *= 2;
    LENGTHS.forEach((length, symbol) => {
      if (length === bits) codes[symbol] = code++;
    });
  }
  return codes;
}

/** Bits of a decoder entry above the next state's eight: what walking four bits came to. */
const EMITS = 0x1_0000;
const FAILS = 0x2_0000;
/** Ending after these bits is legal: fewer than eight bits are open and all of them are ones. */
const MAY_END = 0x4_0000;

/** `state × 16 + nibble` → next state (bits 0-7), symbol (bits 8-15) and the flags above. */
const TRANSITIONS = decoderTable();

function decoderTable(): Uint32Array {
  // A tree of inner nodes: child = -1 - symbol for a leaf, a node number otherwise (0: not made).
  const children: [number, number][] = [[0, 0]];
  LENGTHS.forEach((length, symbol) => {
    let node = 0;
    for (let bit = length - 1; bit >= 0; bit--) {
      const pair = children[node] ?? [0, 0];
      const side = ((CODES[symbol] ?? 0) >>> bit) & 1;
      if (bit === 0) pair[side] = -1 - symbol;
      else if (pair[side] === 0) pair[side] = children.push([0, 0]) - 1;
      node = pair[side] ?? 0;
    }
  });
  // Nodes on the path of ones, at most seven deep: where padding may stop.
  const ends = new Set([0]);
  for (let node = 0, depth = 1; depth <= 7; depth++) {
    node = children[node]?.[1] ?? 0;
    ends.add(node);
  }
  const table = new Uint32Array(children.length * 16);
  for (let index = 0; index < table.length; index++) {
    let node = index >>> 4;
    let entry = 0;
    for (let bit = 3; bit >= 0; bit--) {
      const next = children[node]?.[(index >>> bit) & 1] ?? 0;
      if (next === -1 - EOS) entry |= FAILS;
      else if (next < 0) entry |= EMITS | ((-1 - next) << 8);
      node = Math.max(next, 0);
    }
    table[index] = entry | node | (ends.has(node) ? MAY_END : 0);
  }
  return table;
}

/** Octets that a string takes in Huffman code. Characters must be octets (0 … 255). */
export function huffmanLength(text: string): number {
  let bits = 0;
  // charCodeAt is below 256 by contract, and so in the table.
  for (let i = 0; i < text.length; i++) bits += CODE_LENGTHS[text.charCodeAt(i)] as number;
  return (bits + 7) >>> 3;
}

/**
 * Writes a string of octets in Huffman code, padded with ones (§5.2), at `at`.
 * The caller has made room for `huffmanLength(text)` octets.
 * @returns where it ends.
 */
export function huffmanEncode(text: string, out: Uint8Array, at: number): number {
  let position = at;
  let pending = 0; // The last `open` bits are not written yet; never more than 7 + 16 of them.
  let open = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i);
    const code = CODES[symbol] as number;
    let length = CODE_LENGTHS[symbol] as number;
    if (length > 16) {
      // In two steps, so that everything fits 32 bits.
      pending = ((pending & 0x7f) << (length - 16)) | (code >>> 16);
      open += length - 16;
      while (open >= 8) {
        open -= 8;
        out[position++] = pending >>> open;
      }
      length = 16;
    }
    pending = ((pending & 0x7f) << length) | (code & ((1 << length) - 1));
    open += length;
    while (open >= 8) {
      open -= 8;
      out[position++] = pending >>> open;
    }
  }
  if (open > 0) out[position++] = (pending << (8 - open)) | (0xff >>> open);
  return position;
}

/**
 * Decodes `bytes[start, end)` into `out`, which has room for two octets per coded one (no code is
 * shorter than five bits).
 * @returns how many octets came out, or -1 when the coding is wrong: the EOS symbol, a padding of
 *   eight bits or more, or one that is not the beginning of EOS (§5.2).
 */
export function huffmanDecode(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
): number {
  let length = 0;
  let entry = MAY_END;
  for (let at = start; at < end; at++) {
    const octet = bytes[at] as number;
    entry = TRANSITIONS[((entry & 0xff) << 4) | (octet >>> 4)] as number;
    if ((entry & (EMITS | FAILS)) !== 0) {
      if ((entry & FAILS) !== 0) return -1;
      out[length++] = entry >>> 8;
    }
    entry = TRANSITIONS[((entry & 0xff) << 4) | (octet & 15)] as number;
    if ((entry & (EMITS | FAILS)) !== 0) {
      if ((entry & FAILS) !== 0) return -1;
      out[length++] = entry >>> 8;
    }
  }
  return (entry & MAY_END) !== 0 ? length : -1;
}
