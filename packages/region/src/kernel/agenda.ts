/**
 * Things to do at their times. What is due at the same time comes in the order in which it was added, and takes no sorting:
 * most things that wait, wait for times that they share with many others.
 */
export class Agenda<T> {
  /** A binary heap of the times: the children of i are at 2i + 1 and 2i + 2. */
  readonly #times: number[] = [];
  readonly #lists = new Map<number, List<T>>();
  #first: List<T> | undefined;
  #latest: List<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(time: number, item: T): void {
    const list = this.#latest?.time === time ? this.#latest : (this.#lists.get(time) ?? this.#begin(time));
    list.items.push(item);
    this.#latest = list;
    this.#size += 1;
  }

  #begin(time: number): List<T> {
    const list = { time, items: [], from: 0 };
    this.#lists.set(time, list);
    push(this.#times, time);
    return list;
  }

  first(): T | undefined {
    const list = this.#firstList();
    return list?.items[list.from];
  }

  /** Takes the first one away. */
  shift(): void {
    const list = this.#firstList();
    if (list === undefined) return;
    list.from += 1;
    this.#size -= 1;
    if (list.from < list.items.length) return;
    this.#lists.delete(list.time);
    pop(this.#times);
    if (this.#latest === list) this.#latest = undefined;
    this.#first = undefined;
  }

  #firstList(): List<T> | undefined {
    const [time] = this.#times;
    if (time === undefined) return undefined;
    if (this.#first?.time !== time) this.#first = this.#lists.get(time);
    return this.#first;
  }
}

interface List<T> {
  readonly time: number;
  readonly items: T[];
  /** Those before it were taken away. */
  from: number;
}

function push(heap: number[], time: number): void {
  let at = heap.length;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || parent <= time) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = time;
}

/** Takes the first one away. */
function pop(heap: number[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    const isRight = right < heap.length && (heap[right] ?? 0) < (heap[left] ?? 0);
    const child = heap[isRight ? right : left];
    if (child === undefined || last <= child) break;
    heap[at] = child;
    at = isRight ? right : left;
  }
  heap[at] = last;
}
