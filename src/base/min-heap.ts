/** A binary min-heap: the least item in O(1), insert and removal in O(log n). */

export interface MinHeap<Item> {
  readonly size: number;
  /** The least item, or undefined when there is none. */
  peek(): Item | undefined;
  push(item: Item): void;
  /** Takes the least item out. */
  pop(): Item | undefined;
  /** Takes everything out. */
  clear(): void;
}

/** @param isLess orders two items; what it answers must not change while they are inside. */
export function createMinHeap<Item>(isLess: (a: Item, b: Item) => boolean): MinHeap<Item> {
  const items: Item[] = [];
  const less = (a: number, b: number) => isLess(items[a] as Item, items[b] as Item);
  const swap = (a: number, b: number) => {
    const held = items[a] as Item;
    items[a] = items[b] as Item;
    items[b] = held;
  };
  const rise = (from: number) => {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!less(at, parent)) return;
      swap(at, parent);
      at = parent;
    }
  };
  const sink = () => {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < items.length && less(left, least)) least = left;
      if (right < items.length && less(right, least)) least = right;
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  };
  return {
    get size() {
      return items.length;
    },
    peek: () => items[0],
    push(item) {
      items.push(item);
      rise(items.length - 1);
    },
    pop() {
      const top = items[0];
      const last = items.pop();
      if (items.length > 0 && last !== undefined) {
        items[0] = last;
        sink();
      }
      return top;
    },
    clear() {
      items.length = 0;
    },
  };
}
