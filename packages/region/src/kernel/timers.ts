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

/** All timers of a region: a table like any other, so that they are saved and undone with the step that set them. */
export class Timers {
  readonly #table: Table<Timer>;
  #order: number;

  constructor(table: Table<Timer>) {
    this.#table = table;
    this.#order = Math.max(0, ...[...table.values()].map((timer) => timer.order)) + 1;
  }

  of(service: string): ServiceTimers {
    return {
      set: (subject, name, due) => {
        this.#table.put(keyOf(service, subject, name), { service, subject, name, due, order: this.#order++ });
      },
      cancel: (subject, name) => this.#table.delete(keyOf(service, subject, name)),
      drop: (subject) => {
        for (const timer of this.#table.filter((t) => t.service === service && t.subject === subject)) {
          this.#table.delete(keyOf(service, subject, timer.name));
        }
      },
      due: (subject, name) => this.#table.get(keyOf(service, subject, name))?.due,
    };
  }

  /** The next timer by (due, order set). */
  next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#table.values()) {
      if (
        first === undefined ||
        timer.due < first.due ||
        (timer.due === first.due && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }

  remove(timer: Timer): void {
    this.#table.delete(keyOf(timer.service, timer.subject, timer.name));
  }

  list(): Timer[] {
    return [...this.#table.values()].sort((a, b) => a.due - b.due || a.order - b.order);
  }
}

function keyOf(service: string, subject: string, name: string): string {
  return `${service}\u0000${subject}\u0000${name}`;
}
