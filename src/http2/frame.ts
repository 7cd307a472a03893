/** Frame types, flags and sizes (RFC 9113 §4 and §6). */

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

/** Of SETTINGS and PING. */
export const FLAG_ACK = 0x1;
/** Of DATA and HEADERS. */
export const FLAG_END_STREAM = 0x1;
/** Of HEADERS, PUSH_PROMISE and CONTINUATION. */
export const FLAG_END_HEADERS = 0x4;
/** Of DATA, HEADERS and PUSH_PROMISE. */
export const FLAG_PADDED = 0x8;
/** Of HEADERS. */
export const FLAG_PRIORITY = 0x20;

/** Every frame begins with this many octets (§4.1). */
export const FRAME_HEADER_BYTES = 9;
/** What a PING carries (§6.7). */
export const PING_BYTES = 8;
/** Largest payload until SETTINGS_MAX_FRAME_SIZE says otherwise, and its smallest value (§6.5.2). */
export const FRAME_BYTES_DEFAULT = 16_384;
/** Largest value of SETTINGS_MAX_FRAME_SIZE. */
export const FRAME_BYTES_MAX = 0xff_ffff;
/** Largest flow-control window, and stream id (§6.9.1, §5.1.1). */
export const INT31_MAX = 0x7fff_ffff;
/** Every window until SETTINGS or WINDOW_UPDATE say otherwise (§6.9.2). */
export const WINDOW_BYTES_DEFAULT = 65_535;

/** What a client sends before its first frame (§3.4). */
export const CLIENT_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Four octets, most significant first. */
export function readUint32(bytes: Uint8Array, at: number): number {
  // Inside the payload by the caller's check; `>>> 0` undoes the sign that `<<` makes.
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/** Writes four octets, most significant first. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
