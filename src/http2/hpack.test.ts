import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hex } from '../../test/support/http2-frames.js';
import { BlockCursor } from './block-cursor.js';
import { COMPRESSION_ERROR, ConnectionError } from './error-code.js';
import { type HeaderField, headerField, headerFields } from './header-field.js';
import { HpackDecoder } from './hpack-decoder.js';
import { HpackEncoder, writeInteger } from './hpack-encoder.js';
import { OutputBuffer } from './output-buffer.js';

type Pairs = [string, string][];

const pairsOf = (fields: readonly HeaderField[]): Pairs =>
  fields.map(({ name, value }) => [name, value]);

function decodeHex(decoder: HpackDecoder, digits: string) {
  const bytes = hex(digits);
  return decoder.decode(bytes, 0, bytes.length);
}

function encodeHex(encoder: HpackEncoder, fields: readonly HeaderField[]): string {
  const out = new OutputBuffer();
  encoder.encode(fields, out);
  return out.bytes.toString('hex', 0, out.length);
}

const refused = (error: unknown) =>
  error instanceof ConnectionError && error.code === COMPRESSION_ERROR;

test('integers: RFC 7541 C.1, and what is too large or too long', () => {
  const coded = (bits: number, value: number) => {
    const out = new OutputBuffer();
    writeInteger(out, 0, bits, value);
    return out.bytes.toString('hex', 0, out.length);
  };
  assert.equal(coded(5, 10), '0a');
  assert.equal(coded(5, 1337), '1f9a0a');
  assert.equal(coded(8, 42), '2a');
  const read = (bits: number, digits: string) => {
    const cursor = new BlockCursor();
    cursor.open(hex(digits), 0, hex(digits).length);
    return cursor.readInteger(bits);
  };
  assert.equal(read(5, 'ea'), 10, 'bits above the prefix are not of the integer');
  assert.equal(read(5, '1f9a0a'), 1337);
  assert.equal(read(5, '1f8080808000'), 31, 'zeros may follow, in five octets');
  assert.equal(read(8, 'ff80feffff0f'), 0xffff_ffff);
  const wrong = [
    '',
    '1f',
    '1f9a',
    '1f8080808080',
    '1f808080808000',
    '1fffffffff7f',
    '1fe1ffffff0f',
  ];
  for (const digits of wrong) assert.throws(() => read(5, digits), refused, digits);
  for (const value of [0, 30, 31, 32, 158, 159, 16_384, 2 ** 31, 2 ** 32 - 1]) {
    assert.equal(read(5, coded(5, value)), value);
  }
});

test('RFC 7541 C.2: the four kinds of fields', () => {
  const one = (digits: string) => {
    const decoder = new HpackDecoder();
    return { field: decodeHex(decoder, digits).fields[0], count: decoder.tableCount };
  };
  assert.deepEqual(one('400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572'), {
    field: { name: 'custom-key', value: 'custom-header', neverIndexed: false },
    count: 1,
  });
  assert.deepEqual(one('040c 2f73 616d 706c 652f 7061 7468'), {
    field: { name: ':path', value: '/sample/path', neverIndexed: false },
    count: 0,
  });
  assert.deepEqual(one('1008 7061 7373 776f 7264 0673 6563 7265 74'), {
    field: { name: 'password', value: 'secret', neverIndexed: true },
    count: 0,
  });
  assert.deepEqual(one('82'), {
    field: { name: ':method', value: 'GET', neverIndexed: false },
    count: 0,
  });
});

const REQUESTS: Pairs[] = [
  [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ],
  [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
    ['cache-control', 'no-cache'],
  ],
  [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/index.html'],
    [':authority', 'www.example.com'],
    ['custom-key', 'custom-value'],
  ],
];
const common: Pairs = [
  ['cache-control', 'private'],
  ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
  ['location', 'https://www.example.com'],
];
const RESPONSES: Pairs[] = [
  [[':status', '302'], ...common],
  [[':status', '307'], ...common],
  [
    [':status', '200'],
    ['cache-control', 'private'],
    ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
    ['location', 'https://www.example.com'],
    ['content-encoding', 'gzip'],
    ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
  ],
];

const C3 = [
  '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
  '8286 84be 5808 6e6f 2d63 6163 6865',
  '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
];
const C4 = [
  '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
  '8286 84be 5886 a8eb 1064 9cbf',
  '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
];
const C5 = [
  `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133
   3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
  '4803 3330 37c1 c0bf',
  `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a
   6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d
   6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
];
const C6 = [
  `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d
   29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
  '4883 640e ffc1 c0bf',
  `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d
   d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106
   3d50 07`,
];

test('RFC 7541 C.3 to C.6: sequences of blocks that share a table', () => {
  const sequences: [string[], Pairs[], number, number[]][] = [
    [C3, REQUESTS, 4_096, [57, 110, 164]],
    [C4, REQUESTS, 4_096, [57, 110, 164]],
    [C5, RESPONSES, 256, [222, 222, 215]],
    [C6, RESPONSES, 256, [222, 222, 215]],
  ];
  for (const [blocks, lists, tableSizeMax, sizes] of sequences) {
    const decoder = new HpackDecoder({ tableSizeMax });
    blocks.forEach((digits, i) => {
      assert.deepEqual(pairsOf(decodeHex(decoder, digits).fields), lists[i]);
      assert.equal(decoder.tableSize, sizes[i]);
    });
  }
});

test('RFC 7541 C.4 and C.6: the encoder gives the same octets', () => {
  const requests = new HpackEncoder({ indexing: () => 'table' });
  REQUESTS.forEach((pairs, i) => {
    assert.equal(encodeHex(requests, headerFields(pairs)), hex(C4[i] ?? '').toString('hex'));
  });
  const responses = new HpackEncoder({ indexing: () => 'table', tableSizeMax: 256 });
  const coded = RESPONSES.map((pairs) => encodeHex(responses, headerFields(pairs)));
  // The smaller table is announced first, and "307" is no shorter in Huffman code: it goes as it is.
  assert.equal(coded[0], `3fe101${hex(C6[0] ?? '').toString('hex')}`);
  assert.equal(coded[1], hex('4803 3330 37c1 c0bf').toString('hex'));
  assert.equal(coded[2], hex(C6[2] ?? '').toString('hex'));
  assert.equal(responses.tableSize, 215);
});

test('a block seen before under an unchanged table is given again without decoding', () => {
  const decoder = new HpackDecoder();
  const first = decodeHex(decoder, '4001 6101 62');
  const indexed = decodeHex(decoder, '88be');
  assert.equal(decodeHex(decoder, '88be'), indexed, 'the same object');
  assert.ok(indexed.fields.every((field) => Object.isFrozen(field)));
  assert.notEqual(decodeHex(decoder, '4001 6101 62'), first, 'it changes the table: decoded again');
  assert.ok(Object.isFrozen(indexed) && Object.isFrozen(indexed.fields));
  const moved = decodeHex(decoder, '88be');
  assert.notEqual(moved, indexed, 'the table changed');
  decodeHex(decoder, '4001 6301 64');
  assert.deepEqual(pairsOf(decodeHex(decoder, '88be').fields), [
    [':status', '200'],
    ['c', 'd'],
  ]);
  const resized = decodeHex(decoder, '3fe11f 88');
  assert.notEqual(decodeHex(decoder, '3fe11f 88'), resized, 'a size update is not skipped');
});

test('table size updates: two in a block, never above the limit, never after a field', () => {
  const decoder = new HpackDecoder();
  decodeHex(decoder, '4001 6101 62');
  assert.equal(decoder.tableCount, 1);
  decodeHex(decoder, '20 3fe11f 88');
  assert.equal(decoder.tableCount, 0, 'emptied in between');
  assert.throws(() => decodeHex(decoder, '3fe21f'), refused, '4,097');
  assert.throws(() => decodeHex(decoder, '8820'), refused, 'after a field');
});

test('a lowered limit must be followed by an update at the next block', () => {
  const decoder = new HpackDecoder();
  decodeHex(decoder, '88');
  decoder.setTableSizeLimit(100);
  assert.throws(() => decodeHex(decoder, '88'), refused, 'not even from the cache');
  const obeyed = new HpackDecoder();
  obeyed.setTableSizeLimit(100);
  obeyed.setTableSizeLimit(4_096);
  assert.equal(decodeHex(obeyed, '3f45 3fe11f 88').status, 200, 'both, the smaller first');
});

test('the encoder announces the smallest and the last limit since the last block', () => {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder();
  encodeHex(encoder, headerFields([['a', 'b']]));
  encoder.setTableSizeLimit(0);
  encoder.setTableSizeLimit(1_000);
  assert.equal(encodeHex(encoder, headerFields([[':status', '200']])), '203fc90788');
  decodeHex(decoder, '203fc90788');
  assert.equal(encodeHex(encoder, headerFields([[':status', '200']])), '88', 'once');
  encoder.setTableSizeLimit(50);
  assert.match(
    encodeHex(encoder, headerFields([['name', 'a value of too many octets']])),
    /^3f1300/,
  );
});

test('secrets are never indexed, varying values stay beside the table', () => {
  const encoder = new HpackEncoder();
  const secret = encodeHex(encoder, headerFields([['authorization', 'x']]));
  assert.equal(secret.slice(0, 4), '1f08', 'never indexed, name 23');
  assert.equal(encodeHex(encoder, [headerField('a', 'b', true)]).slice(0, 2), '10');
  assert.equal(encodeHex(encoder, headerFields([['grpc-timeout', '1S']])).slice(0, 2), '00');
  assert.equal(encoder.tableSize, 0);
  const decoder = new HpackDecoder();
  assert.equal(decodeHex(decoder, secret).fields[0]?.neverIndexed, true);
});

test('a list above its limit is cut, and the table kept in step', () => {
  const decoder = new HpackDecoder({ listSizeMax: 100 });
  const block = decodeHex(decoder, '4001 6101 62 4001 6301 64 4001 6501 66');
  assert.equal(block.isTruncated, true);
  assert.equal(block.fields.length, 2);
  assert.equal(block.size, 3 * 34);
  assert.equal(decoder.tableCount, 3);
  assert.deepEqual(pairsOf(decodeHex(decoder, 'be').fields), [['e', 'f']]);
});

test('blocks that break off or refer to nothing are refused', () => {
  const wrong = [
    '80',
    'be',
    'ff',
    '40',
    '4001',
    '400161',
    '40016102 62',
    '0082',
    '7f',
    '00ff',
    'c0',
  ];
  for (const digits of wrong) {
    assert.throws(() => decodeHex(new HpackDecoder(), digits), refused, digits);
  }
  assert.throws(() => decodeHex(new HpackDecoder(), '0081 00 00'), refused, 'bad Huffman code');
});

test('a character that is no octet is a bug of the caller', () => {
  assert.throws(() => encodeHex(new HpackEncoder(), headerFields([['a', 'ž']])), TypeError);
});

const octets = fc
  .uint8Array({ maxLength: 30 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));
const names = fc.constantFrom(
  ':path',
  ':status',
  'content-type',
  'authorization',
  'a',
  'b',
  'date',
);
const field = fc.tuple(fc.oneof(names, octets), octets, fc.boolean());
const step = fc.record({
  fields: fc.array(field, { maxLength: 6 }),
  limit: fc.option(fc.nat(300)),
});

test('what was encoded decodes to itself, through tables that change size', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const encoder = new HpackEncoder();
      const decoder = new HpackDecoder();
      for (const { fields, limit } of steps) {
        if (limit !== null) {
          encoder.setTableSizeLimit(limit);
          decoder.setTableSizeLimit(limit);
        }
        const list = fields.map(([name, value, never]) => headerField(name, value, never));
        const block = decodeHex(decoder, encodeHex(encoder, list));
        assert.deepEqual(pairsOf(block.fields), pairsOf(list));
        list.forEach(({ neverIndexed }, i) => {
          if (neverIndexed) assert.ok(block.fields[i]?.neverIndexed);
        });
        assert.equal(decoder.tableSize, encoder.tableSize);
      }
    }),
    { numRuns: 6_000 },
  );
});

test('any octets decode, or are refused as a compression error; the table stays within bounds', () => {
  const decoder = new HpackDecoder();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        decoder.decode(bytes, 0, bytes.length);
      } catch (error) {
        assert.ok(refused(error), String(error));
      }
      assert.ok(decoder.tableSize <= 4_096);
    }),
    { numRuns: 25_000 },
  );
});
