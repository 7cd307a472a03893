/**
 * Header blocks on their way out on one connection.
 *
 * Most calls differ in nothing but their stream: the decoder gives the very same block again, and what
 * it became on this connection is kept, so that sending it once more copies a few octets. A block that
 * comes once is encoded as it is.
 */
import type { Connection } from '../http2/connection.js';
import type { FrameTemplate } from '../http2/frame-template.js';
import type { HeaderBlock } from '../http2/header-block.js';
import type { HeaderField } from '../http2/header-field.js';

/** A power of two; a connection rarely has more methods, heads and trailers than this. */
const PLACES = 16;
/** Larger blocks might not fit a frame, and hardly recur. */
const BLOCK_BYTES_MAX = 4_096;

export class BlockTemplates {
  readonly #connection: Connection;
  readonly #fieldsOf: (block: HeaderBlock) => readonly HeaderField[];
  readonly #blocks: (HeaderBlock | undefined)[] = new Array(PLACES).fill(undefined);
  readonly #templates: (FrameTemplate | undefined)[] = new Array(PLACES).fill(undefined);
  #next = 0;

  /** @param fieldsOf what of a block is sent. */
  constructor(connection: Connection, fieldsOf: (block: HeaderBlock) => readonly HeaderField[]) {
    this.#connection = connection;
    this.#fieldsOf = fieldsOf;
  }

  /** What a block that recurs became; undefined for one that does not. */
  find(block: HeaderBlock, endStream: boolean): FrameTemplate | undefined {
    const blocks = this.#blocks;
    for (let place = 0; place < PLACES; place++) {
      if (blocks[place] !== block) continue;
      const template = this.#templates[place] as FrameTemplate;
      if (template.endStream === endStream) return template;
    }
    // The decoder freezes what it has seen twice.
    return Object.isFrozen(block) ? this.#keep(block, endStream) : undefined;
  }

  #keep(block: HeaderBlock, endStream: boolean): FrameTemplate | undefined {
    if (block.size > BLOCK_BYTES_MAX) return undefined;
    const headers = this.#fieldsOf(block);
    const template = this.#connection.template({ headers, endStream });
    const place = this.#next;
    this.#next = (place + 1) & (PLACES - 1);
    this.#blocks[place] = block;
    this.#templates[place] = template;
    return template;
  }
}
