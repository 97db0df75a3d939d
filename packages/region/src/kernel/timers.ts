import { Agenda } from './agenda.ts';
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
 * All timers of a region: a table like any other, so that they are saved and undone with the step that set them. An agenda
 * finds the next one and an index those of a subject. Both are derived: they may name timers that were replaced,
 * cancelled or undone since, which the table, the only truth, then tells. They are made anew before such leavings
 * outnumber the timers.
 */
export class Timers {
  readonly #stored: Table<Timer>;
  readonly #passing: Table<Timer>;
  readonly #isPassing: (service: string, name: string) => boolean;
  readonly #services = new Map<string, ServiceTimers>();
  #order: number;
  #agenda = new Agenda<Noted>();
  /** By service, subject and name. */
  #places = new Map<string, Map<string, Map<string, Place>>>();
  #placed = 0;

  /** @param passing holds the timers that `isPassing` names: those that are set anew when the region starts */
  constructor(
    stored: Table<Timer>,
    passing: Table<Timer>,
    isPassing: (service: string, name: string) => boolean,
  ) {
    this.#stored = stored;
    this.#passing = passing;
    this.#isPassing = isPassing;
    this.#order = this.#all().reduce((highest, { order }) => Math.max(highest, order), 0) + 1;
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
        const place = this.#placeOf(timer) ?? this.#notePlace(timer);
        place.table.put(place.key, timer);
        this.#note(place, timer);
      },
      cancel: (subject, name) => this.remove({ service, subject, name }),
      drop: (subject) => {
        for (const { table, key } of this.#places.get(service)?.get(subject)?.values() ?? [])
          table.delete(key);
      },
      due: (subject, name) => {
        const place = this.#placeOf({ service, subject, name });
        return place?.table.get(place.key)?.due;
      },
    };
  }

  /** The next timer by (due, order set). Between steps only: what a step may still undo has to stay in the agenda. */
  next(): Timer | undefined {
    const enough = 2 * (this.#stored.size + this.#passing.size) + 1000;
    if (this.#agenda.size > enough || this.#placed > enough) this.#rebuild();
    return this.#first();
  }

  #first(): Timer | undefined {
    for (let first = this.#agenda.first(); first !== undefined; first = this.#agenda.first()) {
      if (isCurrent(first)) return first.timer;
      this.#agenda.shift();
    }
    return undefined;
  }

  /**
   * The next timer and those that follow it, as long as they are due and have its service and name. They are taken out of
   * the order, not out of the table: each is to be set again or removed, whatever becomes of the step.
   */
  takeRound({ service, name }: Timer, now: Instant): readonly Timer[] {
    const taken: Timer[] = [];
    for (let timer = this.#first(); timer !== undefined && timer.due <= now; timer = this.#first()) {
      if (timer.service !== service || timer.name !== name) break;
      this.#agenda.shift();
      taken.push(timer);
    }
    return taken;
  }

  remove(timer: TimerName): void {
    const place = this.#placeOf(timer);
    place?.table.delete(place.key);
  }

  removeUnlessSet(timer: Timer): void {
    const place = this.#placeOf(timer);
    if (place?.table.get(place.key) === timer) place.table.delete(place.key);
  }

  list(): Timer[] {
    return this.#all().sort(inOrder);
  }

  #all(): Timer[] {
    return [...this.#stored.values(), ...this.#passing.values()];
  }

  #rebuild(): void {
    this.#agenda = new Agenda();
    this.#places = new Map();
    this.#placed = 0;
    // In the order in which they were set: the agenda keeps it.
    for (const timer of this.#all().sort((a, b) => a.order - b.order))
      this.#note(this.#notePlace(timer), timer);
  }

  #note(place: Place, timer: Timer): void {
    this.#agenda.add(timer.due, { place, timer });
  }

  /** Found without making the key's text, since most timers are set again and again. */
  #placeOf({ service, subject, name }: TimerName): Place | undefined {
    return this.#places.get(service)?.get(subject)?.get(name);
  }

  #notePlace({ service, subject, name }: TimerName): Place {
    this.#placed += 1;
    const key = `${service}\u0000${subject}\u0000${name}`;
    const isPassing = this.#isPassing(service, name) && !this.#stored.has(key);
    const place = { table: isPassing ? this.#passing : this.#stored, key };
    const subjects = this.#places.get(service) ?? new Map<string, Map<string, Place>>();
    const names = subjects.get(subject) ?? new Map<string, Place>();
    this.#places.set(service, subjects.set(subject, names.set(name, place)));
    return place;
  }
}

type TimerName = Pick<Timer, 'service' | 'subject' | 'name'>;

/** Where a timer of a name is kept. */
interface Place {
  readonly table: Table<Timer>;
  readonly key: string;
}

interface Noted {
  readonly place: Place;
  readonly timer: Timer;
}

/** Whether it is still set so. */
function isCurrent({ place, timer }: Noted): boolean {
  return place.table.get(place.key) === timer;
}

function inOrder(a: Timer, b: Timer): number {
  return a.due - b.due || a.order - b.order;
}
