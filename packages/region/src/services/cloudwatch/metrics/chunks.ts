import type { Chunk } from './chunk.ts';

/** Chunks of one stream and resolution by their start. The newest is at hand: nearly all that is put and read by the minute is in it. */
export class Chunks {
  readonly #all = new Map<number, Chunk>();
  #newest: Chunk | undefined;
  #newestStart = Number.NEGATIVE_INFINITY;

  get(start: number): Chunk | undefined {
    return start === this.#newestStart ? this.#newest : this.#all.get(start);
  }

  set(start: number, chunk: Chunk): void {
    this.#all.set(start, chunk);
    if (start >= this.#newestStart) [this.#newest, this.#newestStart] = [chunk, start];
  }

  delete(start: number): void {
    this.#all.delete(start);
    if (start === this.#newestStart)
      [this.#newest, this.#newestStart] = [undefined, Number.NEGATIVE_INFINITY];
  }

  [Symbol.iterator](): IterableIterator<[number, Chunk]> {
    return this.#all.entries();
  }
}
