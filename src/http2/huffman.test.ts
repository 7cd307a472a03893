import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hex } from '../../test/support/http2-frames.js';
import { huffmanDecode, huffmanEncode, huffmanLength } from './huffman.js';

function decode(bytes: Uint8Array): string | undefined {
  const out = Buffer.alloc(bytes.length * 2);
  const length = huffmanDecode(bytes, 0, bytes.length, out);
  return length < 0 ? undefined : out.toString('latin1', 0, length);
}

function encode(text: string): Buffer {
  const out = Buffer.alloc(huffmanLength(text) + 1, 0xaa);
  const end = huffmanEncode(text, out, 0);
  assert.equal(end, huffmanLength(text));
  assert.equal(out[end], 0xaa, 'nothing is written past the end');
  return out.subarray(0, end);
}

test('the strings of RFC 7541 Appendix C.4 and C.6', () => {
  const known: [string, string][] = [
    ['www.example.com', 'f1e3 c2e5 f23a 6ba0 ab90 f4ff'],
    ['no-cache', 'a8eb 1064 9cbf'],
    ['custom-key', '25a8 49e9 5ba9 7d7f'],
    ['custom-value', '25a8 49e9 5bb8 e8b4 bf'],
    ['302', '6402'],
    ['private', 'aec3 771a 4b'],
    ['https://www.example.com', '9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3'],
  ];
  for (const [text, digits] of known) {
    assert.equal(encode(text).toString('hex'), hex(digits).toString('hex'), text);
    assert.equal(decode(hex(digits)), text);
  }
});

test('codes of Appendix B from its beginning, middle and end', () => {
  // The first and last of their lengths, each alone and padded with ones.
  assert.equal(encode('\x00').toString('hex'), 'ffc7'); // 13 bits: 1ff8
  assert.equal(encode('\n').toString('hex'), 'fffffff3'); // 30 bits: 3ffffffc
  assert.equal(encode('\xff').toString('hex'), 'fffffbbf'); // 26 bits: 3ffffee
  assert.equal(encode('\x16').toString('hex'), 'fffffffb'); // 30 bits: 3ffffffe
});

test('padding is fewer than eight bits, all ones, and EOS is never sent', () => {
  assert.equal(decode(hex('07')), '0', '00000 and three ones');
  assert.equal(decode(hex('00')), undefined, 'padding of zeros');
  assert.equal(decode(hex('06')), undefined, 'padding that ends in a zero');
  assert.equal(decode(hex('07ff')), undefined, 'eleven bits of padding');
  assert.equal(decode(hex('ff')), undefined, 'eight bits of padding and nothing else');
  assert.equal(decode(hex('fffffffc')), undefined, 'EOS, thirty ones');
  assert.equal(decode(hex('ffffffff')), undefined);
  assert.equal(decode(hex('')), '');
});

test('what was encoded decodes to itself', () => {
  const octets = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(octets, (bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      assert.equal(decode(encode(text)), text);
    }),
    { numRuns: 20_000 },
  );
});

test('any octets decode to what encodes to them, or to nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      const text = decode(bytes);
      if (text === undefined) return;
      assert.equal(encode(text).toString('hex'), Buffer.from(bytes).toString('hex'));
    }),
    { numRuns: 20_000 },
  );
});
