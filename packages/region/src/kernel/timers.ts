import type { Instant } from './instant.ts';
import type { Table } from './table.ts';

/** A wait as data: what is waited for, by whom, until when. */
export interface Timer {
  readonly service: string;
  readonly subject: string;
  readonly name: string;
  readonly due: Instant;
  /** Orders timers that are due at the same instant. */
  readonly order: number;
}

/** The timers of one service. A timer is replaced when it is set again. */
export interface ServiceTimers {
  set(subject: string, name: string, due: Instant): void;
  cancel(subject: string, name: string): void;
  /** Cancels all timers of a subject that is gone. */
  drop(subject: string): void;
  due(subject: string, name: string): Instant | undefined;
}

/**
 * All timers of a region: a table like any other, so that they are saved and undone with the step that set them. A heap
 * finds the next one and an index those of a subject. Both are derived: they may name timers that were replaced,
 * cancelled or undone since, which the table, the only truth, then tells. They are made anew before such leavings
 * outnumber the timers.
 */
export class Timers {
  readonly #table: Table<Timer>;
  readonly #services = new Map<string, ServiceTimers>();
  #order: number;
  #heap: Noted[] = [];
  /** By service, subject and name. */
  #keys = new Map<string, Map<string, Map<string, string>>>();
  #noted = 0;

  constructor(table: Table<Timer>) {
    this.#table = table;
    this.#order = [...table.values()].reduce((highest, { order }) => Math.max(highest, order), 0) + 1;
    this.#rebuild();
  }

  of(service: string): ServiceTimers {
    const known = this.#services.get(service) ?? this.#timersOf(service);
    this.#services.set(service, known);
    return known;
  }

  #timersOf(service: string): ServiceTimers {
    return {
      set: (subject, name, due) => {
        const timer = { service, subject, name, due, order: this.#order++ };
        const key = this.#keyOf(timer) ?? this.#noteKey(timer);
        this.#table.put(key, timer);
        this.#note(key, timer);
      },
      cancel: (subject, name) => this.remove({ service, subject, name }),
      drop: (subject) => {
        for (const key of this.#keys.get(service)?.get(subject)?.values() ?? []) this.#table.delete(key);
      },
      due: (subject, name) => {
        const key = this.#keyOf({ service, subject, name });
        return key === undefined ? undefined : this.#table.get(key)?.due;
      },
    };
  }

  /** The next timer by (due, order set). Between steps only: what a step may still undo has to stay in the heap. */
  next(): Timer | undefined {
    if (this.#noted > 2 * this.#table.size + 1000) this.#rebuild();
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#table.get(first.key) === first.timer) return first.timer;
      pop(this.#heap);
    }
    return undefined;
  }

  remove(timer: TimerName): void {
    const key = this.#keyOf(timer);
    if (key !== undefined) this.#table.delete(key);
  }

  list(): Timer[] {
    return [...this.#table.values()].sort(inOrder);
  }

  #rebuild(): void {
    this.#heap = [];
    this.#keys = new Map();
    this.#noted = 0;
    for (const timer of this.#table.values()) this.#note(this.#noteKey(timer), timer);
  }

  #note(key: string, timer: Timer): void {
    this.#noted += 1;
    push(this.#heap, { key, timer });
  }

  /** The key of a timer in the table; found without making its text, since most timers are set again and again. */
  #keyOf({ service, subject, name }: TimerName): string | undefined {
    return this.#keys.get(service)?.get(subject)?.get(name);
  }

  #noteKey({ service, subject, name }: TimerName): string {
    const key = `${service}\u0000${subject}\u0000${name}`;
    const subjects = this.#keys.get(service) ?? new Map<string, Map<string, string>>();
    const names = subjects.get(subject) ?? new Map<string, string>();
    this.#keys.set(service, subjects.set(subject, names.set(name, key)));
    return key;
  }
}

type TimerName = Pick<Timer, 'service' | 'subject' | 'name'>;

/** A timer, and its key in the table. */
interface Noted {
  readonly key: string;
  readonly timer: Timer;
}

function inOrder(a: Timer, b: Timer): number {
  return a.due - b.due || a.order - b.order;
}

/** A binary heap in an array: the children of i are at 2i + 1 and 2i + 2. */
function push(heap: Noted[], noted: Noted): void {
  let at = heap.length;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || inOrder(parent.timer, noted.timer) <= 0) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = noted;
}

/** Takes the first one away. */
function pop(heap: Noted[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const isRight = right !== undefined && left !== undefined && inOrder(right.timer, left.timer) < 0;
    const child = isRight ? right : left;
    if (child === undefined || inOrder(last.timer, child.timer) <= 0) break;
    heap[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
}
