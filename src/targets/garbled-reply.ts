/**
 * Replies that are not what they should be, as the octets that are sent in their place, prefix and
 * all.
 */
import type { Garbling } from '../faults/call-effect.js';
import { framedMessage, MESSAGE_PREFIX_BYTES, putMessagePrefix } from '../http2/grpc-message.js';

/** Truncated varints: no parser gets past the first tag. */
const NO_MESSAGE = new Uint8Array(16).fill(0xff);
/** How many octets more a cut message promises than it has. */
const MISSING_BYTES = 64;
/** Field 536,870,911, the last there is, as a string of octets: nobody's contract has it. */
const FILLER_TAG = [0xfa, 0xff, 0xff, 0xff, 0x0f];

/** @param message as it would have been sent, without a prefix. */
export function garbledReply(garbling: Garbling, message: Uint8Array): Uint8Array {
  switch (garbling.kind) {
    case 'no-message':
      return framedMessage(NO_MESSAGE);
    case 'pad':
      return framedMessage(padded(message, garbling.bytes));
    case 'cut': {
      const framed = framedMessage(message);
      putMessagePrefix(framed, 0, framed.length - MESSAGE_PREFIX_BYTES + MISSING_BYTES, false);
      return framed;
    }
  }
}

/** A message with a field of zeros behind it; as it was when it is as large already. */
function padded(message: Uint8Array, bytes: number): Uint8Array {
  // Tag and length of the filler: five octets each, the length as a varint that is not the shortest.
  const fillerBytes = bytes - message.length - FILLER_TAG.length - LENGTH_BYTES;
  if (fillerBytes < 0) return message;
  const padding = new Uint8Array(bytes);
  padding.set(message);
  padding.set(FILLER_TAG, message.length);
  padding.set(longVarint(fillerBytes), message.length + FILLER_TAG.length);
  return padding;
}

const LENGTH_BYTES = 5;

/** A 32-bit number in five octets, whatever it is: parsers take zeros at its end. */
function longVarint(value: number): number[] {
  return Array.from({ length: LENGTH_BYTES }, (_, at) => {
    const bits = Math.floor(value / 2 ** (7 * at)) & 0x7f;
    return at < LENGTH_BYTES - 1 ? bits | 0x80 : bits;
  });
}
