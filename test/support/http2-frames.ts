/** Frames by hand, for tests that play the peer: octets out of words, and words out of octets. */

/** Octets of hexadecimal digits; white space is for the reader. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replace(/\s/g, ''), 'hex');
}

/** One frame with whatever it is told, right or wrong. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array | string = '',
  length?: number,
): Buffer {
  const body = typeof payload === 'string' ? hex(payload) : Buffer.from(payload);
  const header = Buffer.alloc(9);
  header.writeUIntBE(length ?? body.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(streamId >>> 0, 5);
  return Buffer.concat([header, body]);
}

/** A SETTINGS frame of `[identifier, value]` pairs. */
export function settingsFrame(...pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([identifier, value], i) => {
    payload.writeUInt16BE(identifier, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  });
  return frame(4, 0, 0, payload);
}

/** A frame with a payload of one 32-bit number: RST_STREAM, WINDOW_UPDATE. */
export function numberFrame(type: number, streamId: number, value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value >>> 0);
  return frame(type, 0, streamId, payload);
}

export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

const TYPES = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
];

/** The frames of some output, a client's preface left out. */
export function framesOf(output: Uint8Array | undefined): SeenFrame[] {
  let bytes = Buffer.from(output ?? []);
  if (bytes.toString('latin1', 0, 3) === 'PRI') bytes = bytes.subarray(24);
  const frames: SeenFrame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) throw new Error('the output ends within a frame');
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      streamId: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, end),
    });
    at = end;
  }
  return frames;
}

/** Frames in words: `HEADERS 1 end`, `RST_STREAM 3 CANCEL`'s number, `GOAWAY last=1 code=0`. */
export function inWords(output: Uint8Array | undefined): string[] {
  return framesOf(output).map(({ type, flags, streamId, payload }) => {
    const name = TYPES[type] ?? `type ${type}`;
    if (type === 3) return `${name} ${streamId} code=${payload.readUInt32BE(0)}`;
    if (type === 7) {
      return `${name} last=${payload.readUInt32BE(0)} code=${payload.readUInt32BE(4)}`;
    }
    if (type === 8) return `${name} ${streamId} +${payload.readUInt32BE(0)}`;
    if (type === 4 || type === 6) return `${name}${(flags & 1) !== 0 ? ' ack' : ''}`;
    const end = type < 2 && (flags & 1) !== 0 ? ' end' : '';
    return type === 0 ? `${name} ${streamId} ${payload.length}${end}` : `${name} ${streamId}${end}`;
  });
}
