import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { frame, hex, numberFrame, settingsFrame } from '../../test/support/http2-frames.js';
import {
  ConnectionError,
  ENHANCE_YOUR_CALM,
  type ErrorCodeName,
  errorCode,
  FRAME_SIZE_ERROR,
} from './error-code.js';
import { type FrameHandler, FrameReader, type FrameReaderLimits } from './frame-reader.js';

interface Log extends FrameHandler {
  readonly lines: string[];
}

/** Writes down what it is told; pieces of DATA are joined until a frame's end can be seen. */
function createLog(): Log {
  const lines: string[] = [];
  const text = (bytes: Uint8Array, start: number, end: number) =>
    Buffer.from(bytes.subarray(start, end)).toString('hex');
  return {
    lines,
    onData(id, bytes, start, end, flow, endStream) {
      const before = /^data (\d+) flow=(\d+) ([\da-f]*)$/.exec(lines.at(-1) ?? '');
      const isMore = before !== null && Number(before[1]) === id;
      if (isMore) lines.pop();
      const all = `${isMore ? before[3] : ''}${text(bytes, start, end)}`;
      const flowAll = flow + (isMore ? Number(before[2]) : 0);
      lines.push(`data ${id} flow=${flowAll} ${all}${endStream ? ' end' : ''}`);
    },
    onFieldBlock: (id, bytes, start, end, endStream) => {
      lines.push(`block ${id} ${text(bytes, start, end)}${endStream ? ' end' : ''}`);
    },
    onRstStream: (id, code) => lines.push(`rst ${id} ${code}`),
    onSettings: (bytes, start, end) => lines.push(`settings ${text(bytes, start, end)}`),
    onSettingsAck: () => lines.push('settings ack'),
    onPing: (isAck, bytes, at) => lines.push(`ping ${isAck} ${text(bytes, at, at + 8)}`),
    onGoaway: (last, code, debug) => lines.push(`goaway ${last} ${code} ${debug.length}`),
    onWindowUpdate: (id, increment) => lines.push(`window ${id} ${increment}`),
    onIdleFrame: () => lines.push('idle'),
    onStreamError: (id, code) => lines.push(`error ${id} ${code}`),
  };
}

/** What reading gives, in pieces cut at `cuts`; an error is the last line. */
function read(bytes: Uint8Array, cuts: readonly number[] = [], limits?: FrameReaderLimits) {
  const log = createLog();
  const reader = new FrameReader(log, limits);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let at = 0;
  try {
    for (const end of [...ends, bytes.length]) {
      // A copy that is spoilt afterwards: nothing may be kept of a piece that was read.
      const piece = Uint8Array.from(bytes.subarray(at, end));
      reader.receive(piece, 0, piece.length);
      piece.fill(0xee);
      at = end;
    }
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    log.lines.push(`error ${error.code}`);
    return { lines: log.lines, heldBytes: 0 };
  }
  return { lines: log.lines, heldBytes: reader.heldBytes };
}

const PREFACE = settingsFrame();
const PRIORITY_5 = '0000000010';

test('every type, with and without padding and priority', () => {
  const bytes = Buffer.concat([
    PREFACE,
    frame(0, 0, 1, 'abcd'),
    frame(0, 1, 3, ''),
    frame(0, 8, 5, '02 abcd 0000'),
    frame(0, 9, 7, '00'),
    frame(1, 4, 1, '82'),
    frame(1, 5 | 8 | 32, 3, `03 ${PRIORITY_5} 8284 000000`),
    frame(1, 1, 5, '82'),
    frame(9, 0, 5, '84'),
    frame(9, 4, 5, '86'),
    frame(2, 0, 9, PRIORITY_5),
    frame(2, 0, 9, '00'),
    numberFrame(3, 1, 8),
    frame(4, 1, 0),
    frame(6, 0, 0, '0102030405060708'),
    frame(6, 1, 0, '0102030405060708'),
    frame(7, 0, 0, '00000005 00000002 6869'),
    numberFrame(8, 0, 10),
    numberFrame(8, 3, 0),
    frame(0x77, 0xff, 0x7fff_ffff, '010203'),
  ]);
  const expected = [
    'settings ',
    'data 1 flow=2 abcd',
    'data 3 flow=0  end',
    'data 5 flow=5 abcd',
    'data 7 flow=1  end',
    'block 1 82',
    'block 3 8284 end',
    'block 5 828486 end',
    'idle',
    'idle',
    `error 9 ${FRAME_SIZE_ERROR}`,
    'rst 1 8',
    'settings ack',
    'ping false 0102030405060708',
    'ping true 0102030405060708',
    'goaway 5 2 2',
    'window 0 10',
    'error 3 1',
    'idle',
  ];
  assert.deepEqual(read(bytes).lines, expected);
  const everyOctet = Array.from(bytes, (_, at) => at);
  assert.deepEqual(read(bytes, everyOctet), { lines: expected, heldBytes: 0 }, 'one at a time');
  for (let cut = 0; cut < bytes.length; cut++) {
    assert.deepEqual(read(bytes, [cut]).lines, expected, `cut at ${cut}`);
  }
});

const WRONG: [string, Buffer, ErrorCodeName][] = [
  ['§3.4 the first frame is not SETTINGS', frame(6, 0, 0, '00'.repeat(8)), 'PROTOCOL_ERROR'],
  ['§3.4 the first frame acknowledges', frame(4, 1, 0), 'PROTOCOL_ERROR'],
  ['§4.2 a frame above the limit', frame(0, 0, 1, '', 16_385), 'FRAME_SIZE_ERROR'],
  ['§6.1 DATA on stream 0', frame(0, 0, 0, '00'), 'PROTOCOL_ERROR'],
  ['§6.1 DATA with all padding', frame(0, 8, 1, '0500000000'), 'PROTOCOL_ERROR'],
  ['§6.1 DATA without its pad length', frame(0, 8, 1), 'FRAME_SIZE_ERROR'],
  ['§6.2 HEADERS on stream 0', frame(1, 4, 0, '82'), 'PROTOCOL_ERROR'],
  ['§6.2 HEADERS with too much padding', frame(1, 12, 1, '0282'), 'PROTOCOL_ERROR'],
  ['§6.2 HEADERS without its pad length', frame(1, 12, 1), 'FRAME_SIZE_ERROR'],
  ['§6.2 HEADERS without its priority', frame(1, 36, 1, '0000'), 'FRAME_SIZE_ERROR'],
  ['§6.3 PRIORITY on stream 0', frame(2, 0, 0, PRIORITY_5), 'PROTOCOL_ERROR'],
  ['§6.4 RST_STREAM on stream 0', numberFrame(3, 0, 0), 'PROTOCOL_ERROR'],
  ['§6.4 RST_STREAM of 3 octets', frame(3, 0, 1, '000000'), 'FRAME_SIZE_ERROR'],
  ['§6.5 SETTINGS on a stream', frame(4, 0, 1), 'PROTOCOL_ERROR'],
  ['§6.5 SETTINGS of 5 octets', frame(4, 0, 0, '0000000000'), 'FRAME_SIZE_ERROR'],
  ['§6.5 an acknowledgement with a payload', frame(4, 1, 0, '000000000000'), 'FRAME_SIZE_ERROR'],
  ['§6.6 PUSH_PROMISE', frame(5, 4, 1, '0000000282'), 'PROTOCOL_ERROR'],
  ['§6.7 PING on a stream', frame(6, 0, 1, '00'.repeat(8)), 'PROTOCOL_ERROR'],
  ['§6.7 PING of 7 octets', frame(6, 0, 0, '00'.repeat(7)), 'FRAME_SIZE_ERROR'],
  ['§6.8 GOAWAY on a stream', frame(7, 0, 1, '00'.repeat(8)), 'PROTOCOL_ERROR'],
  ['§6.8 GOAWAY of 7 octets', frame(7, 0, 0, '00'.repeat(7)), 'FRAME_SIZE_ERROR'],
  ['§6.9 WINDOW_UPDATE by nothing', numberFrame(8, 0, 0x8000_0000), 'PROTOCOL_ERROR'],
  ['§6.9 WINDOW_UPDATE of 5 octets', frame(8, 0, 0, '0000000001'), 'FRAME_SIZE_ERROR'],
  ['§6.10 CONTINUATION of nothing', frame(9, 4, 1, '82'), 'PROTOCOL_ERROR'],
  [
    '§6.10 CONTINUATION of another stream',
    Buffer.concat([frame(1, 0, 1, '82'), frame(9, 4, 3, '84')]),
    'PROTOCOL_ERROR',
  ],
  [
    '§6.10 a block interrupted by an unknown frame',
    Buffer.concat([frame(1, 0, 1, '82'), frame(0x50, 0, 0), frame(9, 4, 1, '84')]),
    'PROTOCOL_ERROR',
  ],
  [
    '§6.10 CONTINUATION after the end of the block',
    Buffer.concat([frame(1, 4, 1, '82'), frame(9, 4, 1, '84')]),
    'PROTOCOL_ERROR',
  ],
];

for (const [what, bytes, name] of WRONG) {
  test(`${what}: ${name}`, () => {
    const input = what.startsWith('§3.4') ? bytes : Buffer.concat([PREFACE, bytes]);
    const wanted = `error ${errorCode(name)}`;
    assert.equal(read(input).lines.at(-1), wanted);
    const everyOctet = Array.from(input, (_, at) => at);
    assert.equal(read(input, everyOctet).lines.at(-1), wanted, 'one octet at a time');
  });
}

test('a field block ends at a number of frames and of octets', () => {
  const endless = Buffer.concat([
    PREFACE,
    frame(1, 0, 1, '82'),
    ...Array.from({ length: 9 }, () => frame(9, 0, 1, '8484')),
  ]);
  const calm = `error ${ENHANCE_YOUR_CALM}`;
  assert.equal(read(endless, [], { continuationsMax: 8 }).lines.at(-1), calm);
  assert.equal(read(endless, [], { blockBytesMax: 18 }).lines.at(-1), calm);
  assert.equal(read(endless, [], { blockBytesMax: 19, continuationsMax: 9 }).heldBytes, 19);
});

test('a larger frame size may be announced', () => {
  const large = Buffer.concat([PREFACE, frame(0, 0, 1, new Uint8Array(20_000))]);
  assert.match(read(large, [], { frameBytesMax: 20_000 }).lines[1] ?? '', /^data 1 flow=20000/);
});

const anyFrame = fc.oneof(
  fc.constant(frame(1, 4, 1, '82')),
  fc.constant(frame(1, 0, 1, '82')),
  fc.constant(frame(9, 4, 1, '84')),
  fc
    .tuple(
      fc.nat(10),
      fc.constantFrom(0, 1, 4, 5, 8, 9, 12, 13, 0x2d),
      fc.constantFrom(0, 1, 3),
      fc.uint8Array({ maxLength: 24 }),
    )
    .map(([type, flags, id, payload]) => frame(type, flags, id, payload)),
);

test('frames cut anywhere give the same events', () => {
  const cuts = fc.array(fc.nat(500), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 8 }), cuts, (frames, at) => {
      const bytes = Buffer.concat([PREFACE, ...frames]);
      assert.deepEqual(read(bytes, at), read(bytes));
    }),
    { numRuns: 15_000 },
  );
});

test('any octets are read or refused, and little is held', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const { heldBytes } = read(Buffer.concat([PREFACE, bytes]));
      assert.ok(heldBytes <= bytes.length);
    }),
    { numRuns: 15_000 },
  );
  assert.equal(read(hex('')).heldBytes, 0);
});
