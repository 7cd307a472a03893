import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { statusName } from '../base/status.js';
import { errorCode, errorCodeName } from './error-code.js';
import { framedMessage, MessageReader } from './grpc-message.js';
import { decodePercent, encodePercent } from './grpc-percent.js';
import { statusOfErrorCode, statusOfHttpStatus } from './grpc-status.js';
import { formatGrpcTimeout, parseGrpcTimeout } from './grpc-timeout.js';

/** Reads pieces cut at `cuts`; messages as `flag:hex`, a problem as the last entry. */
function readAll(bytes: Uint8Array, cuts: readonly number[], bytesMax?: number) {
  const reader = new MessageReader(bytesMax);
  const seen: string[] = [];
  const ends = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
  let at = 0;
  for (const end of [...ends, bytes.length]) {
    const piece = Uint8Array.from(bytes.subarray(at, end));
    const problem = reader.read(piece, 0, piece.length, (from, start, stop, isCompressed) => {
      seen.push(`${isCompressed}:${Buffer.from(from.subarray(start, stop)).toString('hex')}`);
    });
    piece.fill(0xee);
    if (problem !== undefined) return { seen: [...seen, problem], held: 0 };
    at = end;
  }
  return { seen, held: reader.heldBytes };
}

test('messages cut anywhere are the same messages', () => {
  const message = fc.tuple(fc.uint8Array({ maxLength: 80 }), fc.boolean());
  const cuts = fc.array(fc.nat(500), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), cuts, fc.nat(4), (messages, at, missing) => {
      const frames = messages.map(([bytes, flag]) => framedMessage(bytes, flag));
      const tail = framedMessage(new Uint8Array(9)).subarray(0, missing);
      const { seen, held } = readAll(Buffer.concat([...frames, tail]), at);
      const wanted = messages.map(
        ([bytes, flag]) => `${flag}:${Buffer.from(bytes).toString('hex')}`,
      );
      assert.deepEqual(seen, wanted);
      assert.equal(held, missing, 'what is incomplete is known at the end');
    }),
    { numRuns: 10_000 },
  );
});

test('a whole message is given from the piece it came in', () => {
  const bytes = framedMessage(Uint8Array.of(1, 2, 3));
  new MessageReader().read(bytes, 0, bytes.length, (from, start, end) => {
    assert.deepEqual([from, start, end], [bytes, 5, 8]);
  });
});

test('too large a message and a wrong flag are found in the prefix', () => {
  const large = framedMessage(new Uint8Array(11));
  assert.deepEqual(readAll(large.subarray(0, 5), [], 10).seen, ['too-large']);
  assert.deepEqual(readAll(large.subarray(0, 5), [1, 2, 3], 10).seen, ['too-large']);
  assert.deepEqual(readAll(framedMessage(new Uint8Array(10)), [7], 10).seen.length, 1);
  assert.deepEqual(readAll(Uint8Array.of(2, 0, 0, 0, 0), []).seen, ['bad-flag']);
  assert.deepEqual(readAll(Uint8Array.of(2, 0, 0, 0, 0), [2]).seen, ['bad-flag']);
});

test('any octets are messages or a problem, and no more is held than came', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), (bytes, cut) => {
      assert.ok(readAll(bytes, [cut], 1_000_000).held <= bytes.length);
    }),
    { numRuns: 10_000 },
  );
});

test('timeouts have at most eight digits and are rounded up', () => {
  const known: [number, string][] = [
    [0, '1n'],
    [-5, '1n'],
    [1, '1n'],
    [99_999_999, '99999999n'],
    [100_000_000, '100000u'],
    [100_000_001, '100001u'],
    [1.5e9, '1500000u'],
    [100e9, '100000m'],
    [1e14, '100000S'],
    [1e18, '16666667M'],
    [1e25, '99999999H'],
  ];
  for (const [ns, text] of known) assert.equal(formatGrpcTimeout(ns), text);
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e19, noNaN: true }), (ns) => {
      const parsed = parseGrpcTimeout(formatGrpcTimeout(ns)) ?? 0;
      assert.ok(parsed >= ns && parsed <= ns * 1.000_01 + 1, `${ns} became ${parsed}`);
    }),
    { numRuns: 5_000 },
  );
  assert.equal(parseGrpcTimeout('2H'), 7.2e12);
  for (const text of ['', '1', 'S', '123456789n', '-1S', '1.5S', '1s', ' 1S', '1S ']) {
    assert.equal(parseGrpcTimeout(text), undefined, JSON.stringify(text));
  }
});

test('status messages survive; what is not coded right is left as it is', () => {
  assert.equal(encodePercent('50% gone\n'), '50%25 gone%0A');
  assert.equal(encodePercent('ž'), '%C5%BE');
  assert.equal(decodePercent('%c5%BE'), 'ž');
  assert.equal(decodePercent('100% %zz %4'), '100% %zz %4');
  assert.equal(decodePercent('%ff'), '\ufffd');
  assert.equal(decodePercent('%25%2'), '%%2');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const coded = encodePercent(text);
      assert.match(coded, /^[\x20-\x7e]*$/);
      assert.equal(decodePercent(coded), Buffer.from(text).toString());
    }),
    { numRuns: 5_000 },
  );
});

test('the tables of PROTOCOL-HTTP2.md and http-grpc-status-mapping.md', () => {
  const ofErrors = {
    NO_ERROR: 'INTERNAL',
    PROTOCOL_ERROR: 'INTERNAL',
    INTERNAL_ERROR: 'INTERNAL',
    FLOW_CONTROL_ERROR: 'INTERNAL',
    SETTINGS_TIMEOUT: 'INTERNAL',
    STREAM_CLOSED: 'UNKNOWN',
    FRAME_SIZE_ERROR: 'INTERNAL',
    REFUSED_STREAM: 'UNAVAILABLE',
    CANCEL: 'CANCELLED',
    COMPRESSION_ERROR: 'INTERNAL',
    CONNECT_ERROR: 'INTERNAL',
    ENHANCE_YOUR_CALM: 'RESOURCE_EXHAUSTED',
    INADEQUATE_SECURITY: 'PERMISSION_DENIED',
    HTTP_1_1_REQUIRED: 'UNKNOWN',
  } as const;
  Object.entries(ofErrors).forEach(([name, status], code) => {
    assert.equal(errorCodeName(code), name);
    assert.equal(errorCode(name as keyof typeof ofErrors), code);
    assert.equal(statusName(statusOfErrorCode(code)), status);
  });
  assert.equal(statusName(statusOfErrorCode(99)), 'UNKNOWN');
  assert.equal(errorCodeName(0x99), '0x99');
  const ofHttp = {
    200: 'UNKNOWN',
    400: 'INTERNAL',
    401: 'UNAUTHENTICATED',
    403: 'PERMISSION_DENIED',
  };
  for (const [http, status] of Object.entries({
    ...ofHttp,
    404: 'UNIMPLEMENTED',
    418: 'UNKNOWN',
  })) {
    assert.equal(statusName(statusOfHttpStatus(Number(http))), status);
  }
  for (const http of [429, 502, 503, 504]) {
    assert.equal(statusName(statusOfHttpStatus(http)), 'UNAVAILABLE');
  }
});
