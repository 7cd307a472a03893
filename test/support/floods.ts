/** What a malicious peer sends, as octets, and the HTTP/2 error code that it deserves. */
import { frame, hex, numberFrame, settingsFrame } from './http2-frames.js';

const [DATA, HEADERS, PRIORITY, RST_STREAM, PING, WINDOW_UPDATE, CONTINUATION] = [
  0, 1, 2, 3, 6, 8, 9,
];
const UNKNOWN = 0x5a;
const END_HEADERS = 4;
const CANCEL = 8;
export const [PROTOCOL_ERROR, FLOW_CONTROL_ERROR, ENHANCE_YOUR_CALM] = [1, 3, 11];

export interface Flood {
  readonly name: string;
  readonly octets: Buffer;
  readonly code: number;
}

const times = (count: number, octets: Buffer) => Buffer.concat(Array(count).fill(octets));

/** Of either side; `streamId` is open. */
export function floods(streamId: number): Flood[] {
  return [
    { name: 'PING', octets: times(2_000, frame(PING, 0, 0, Buffer.alloc(8))), code: 11 },
    { name: 'SETTINGS', octets: times(300, settingsFrame()), code: 11 },
    { name: 'empty DATA', octets: times(12_000, frame(DATA, 0, streamId)), code: 11 },
    { name: 'PRIORITY', octets: times(12_000, frame(PRIORITY, 0, 3, '0000000000')), code: 11 },
    { name: 'unknown frames', octets: times(12_000, frame(UNKNOWN, 0, 0)), code: 11 },
    {
      name: 'WINDOW_UPDATE by one',
      octets: times(12_000, numberFrame(WINDOW_UPDATE, 0, 1)),
      code: ENHANCE_YOUR_CALM,
    },
    {
      name: 'WINDOW_UPDATE beyond 2^31',
      octets: times(2, numberFrame(WINDOW_UPDATE, 0, 0x7fff_ffff)),
      code: FLOW_CONTROL_ERROR,
    },
    {
      name: 'CONTINUATION without end',
      octets: Buffer.concat([
        frame(HEADERS, 0, streamId + 2, '838684'),
        times(100, frame(CONTINUATION, 0, streamId + 2, '0001610162')),
      ]),
      code: ENHANCE_YOUR_CALM,
    },
    { name: 'a frame too large', octets: frame(DATA, 0, streamId, '', 20_000), code: 6 },
    { name: 'HTTP/1', octets: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), code: 6 },
  ];
}

/** A client that opens streams and resets them at once. */
export function rapidResets(firstId: number, count: number): Buffer {
  const frames: Buffer[] = [];
  for (let call = 0; call < count; call++) {
    const id = firstId + 2 * call;
    frames.push(frame(HEADERS, END_HEADERS, id, '838684'), numberFrame(RST_STREAM, id, CANCEL));
  }
  return Buffer.concat(frames);
}

/** A block of some octets that is a list of megabytes: one field, kept by the table, over and over. */
export function headerBomb(): Buffer {
  const value = Buffer.alloc(3_900, 'x');
  // Literal with incremental indexing; the length is 127 + 3,773 in a prefix of seven bits.
  const field = Buffer.concat([hex('40 0161 7f bd1d'), value]);
  return Buffer.concat([hex('838684'), field, Buffer.alloc(10_000, 0xbe)]);
}
