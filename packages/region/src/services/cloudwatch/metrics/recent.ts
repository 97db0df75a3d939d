import { Chunk } from './chunk.ts';
import { minuteTier, slotsPerChunk } from './tiers.ts';

const none = Number.NaN;
const always = 2;
type Numbers = Float64Array<ArrayBuffer>;

/**
 * What comes every minute, by the ids of streams: when data came, and the values of the hour under way, a column for each of
 * its minutes. Thousands of streams that get a value each are so written and read side by side. Their chunks are made of it
 * when the hour is over, or when a checkpoint makes blocks. A stream of which a minute gets more than one value has its
 * chunk at once, until the next hour: a minute's data are in one of the two places.
 */
export class Recent {
  #start = Number.NEGATIVE_INFINITY;
  #size = 0;
  readonly #columns: (Numbers | undefined)[] = [];
  /** Streams that have their chunk of this hour, and those that always have theirs. */
  #left = new Uint8Array(0);
  /** The minutes of this hour before this one were moved into the chunk; 0: none. */
  #moved = new Uint8Array(0);
  /** When data last came. */
  #seen = new Float64Array(0);
  /** What the stored record says of that, a day behind at most; 0: there is no such stream. */
  #recorded = new Float64Array(0);
  /** The last record of the log that brought a point of a minute which alarms had looked at by then. */
  #late = new Float64Array(0);

  /** Where the hour begins. */
  get start(): number {
    return this.#start;
  }

  /** Makes place for a stream. */
  add(id: number): void {
    if (id < this.#size) return;
    this.#size = Math.max(64, 2 * id);
    this.#seen = this.#grown(this.#seen);
    this.#recorded = this.#grown(this.#recorded);
    this.#late = this.#grown(this.#late);
    this.#left = this.#longer(this.#left);
    this.#moved = this.#longer(this.#moved);
    for (const [slot, column] of this.#columns.entries()) {
      if (column) this.#columns[slot] = this.#grown(column, none);
    }
  }

  #grown(old: Numbers, empty = 0): Numbers {
    const made = new Float64Array(this.#size).fill(empty);
    made.set(old);
    return made;
  }

  #longer(old: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const made = new Uint8Array(this.#size);
    made.set(old);
    return made;
  }

  seen(id: number): number {
    return this.#seen[id] ?? 0;
  }

  recorded(id: number): number {
    return this.#recorded[id] ?? 0;
  }

  late(id: number): number {
    return this.#late[id] ?? 0;
  }

  noteSeen(id: number, at: number): void {
    if (at > this.seen(id)) this.#seen[id] = at;
  }

  noteRecorded(id: number, seen: number): void {
    this.#recorded[id] = seen;
  }

  noteLate(id: number, sequence: number): void {
    this.#late[id] = sequence;
  }

  /** Another hour. What there is of the one before was moved. */
  begin(start: number): void {
    this.#start = start;
    for (const [id, left] of this.#left.entries()) if (left !== always) this.#left[id] = 0;
    this.#moved.fill(0);
    for (const column of this.#columns) column?.fill(none);
  }

  /** @returns whether it is kept here; if not, it is to go into the chunk */
  put(id: number, slot: number, value: number): boolean {
    if (this.#left[id] !== 0 || slot < (this.#moved[id] ?? 0)) return false;
    const column = this.#columns[slot] ?? this.#begin(slot);
    if (!Number.isNaN(column[id])) return false;
    column[id] = value;
    return true;
  }

  #begin(slot: number): Numbers {
    const column = new Float64Array(this.#size).fill(none);
    this.#columns[slot] = column;
    return column;
  }

  /** The one value of a minute; NaN: what there is of it is in the chunk. */
  at(id: number, minute: number): number {
    const slot = (minute - this.#start) / minuteTier.slotMs;
    return slot >= 0 && slot < slotsPerChunk ? (this.#columns[slot]?.[id] ?? none) : none;
  }

  /** What is here of a stream, as a chunk; undefined when there is nothing. */
  chunk(id: number): Chunk | undefined {
    let made: Chunk | undefined;
    this.#each(id, (slot, value) => {
      made ??= new Chunk(minuteTier.hasDistributions);
      made.addValue(slot, value);
    });
    return made;
  }

  /** Moves what is here of a stream into its chunk. */
  move(id: number, chunkOf: () => Chunk): void {
    let chunk: Chunk | undefined;
    this.#each(id, (slot, value, column) => {
      chunk ??= chunkOf();
      chunk.addValue(slot, value);
      column[id] = none;
      this.#moved[id] = slot + 1;
    });
  }

  /** From now on what comes in this hour goes into the chunk. */
  leave(id: number): void {
    this.#left[id] ||= 1;
  }

  /** Whatever comes at any time goes into the chunk. */
  keepOut(id: number): void {
    this.#left[id] = always;
  }

  hasLeft(id: number): boolean {
    return this.#left[id] !== 0;
  }

  #each(id: number, visit: (slot: number, value: number, column: Numbers) => void): void {
    for (let slot = 0; slot < slotsPerChunk; slot += 1) {
      const column = this.#columns[slot];
      const value = column?.[id] ?? none;
      if (column !== undefined && !Number.isNaN(value)) visit(slot, value, column);
    }
  }
}
