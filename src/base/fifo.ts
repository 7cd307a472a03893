/** A first-in first-out line that gives out its oldest item in O(1), unlike an array's `shift`. */

export interface Fifo<Item> {
  readonly size: number;
  /** The oldest item, which stays in. */
  readonly first: Item | undefined;
  push(item: Item): void;
  /** Takes the oldest item out. */
  shift(): Item | undefined;
}

/** The line's array is cut when so many places at its front are empty, and they are most of it. */
const CUT_AT = 1_024;

export function createFifo<Item>(): Fifo<Item> {
  let items: (Item | undefined)[] = [];
  let head = 0;
  return {
    get size() {
      return items.length - head;
    },
    get first() {
      return items[head];
    },
    push(item) {
      items.push(item);
    },
    shift() {
      if (head === items.length) return undefined;
      const item = items[head];
      items[head] = undefined;
      head++;
      if (head >= CUT_AT && head * 2 >= items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
  };
}
