import type { Chunk } from './chunk.ts';

/** Chunks of one stream and resolution by their start. */
export class Chunks {
  readonly #all = new Map<number, Chunk>();
  /** At hand, since nearly all that is put and read by the minute is in it. */
  #newest: Chunk | undefined;
  #newestStart = Number.NEGATIVE_INFINITY;
  /** None begins before. */
  #oldestStart = Number.POSITIVE_INFINITY;
  /** Where those begin that have what is not in a block yet. */
  readonly #changed = new Set<number>();
  /** One of them. */
  #latestChange: number | undefined;

  get(start: number): Chunk | undefined {
    return start === this.#newestStart ? this.#newest : this.#all.get(start);
  }

  set(start: number, chunk: Chunk): void {
    this.#all.set(start, chunk);
    if (start >= this.#newestStart) [this.#newest, this.#newestStart] = [chunk, start];
    if (start < this.#oldestStart) this.#oldestStart = start;
  }

  /** Starts of chunks that have what is not in a block yet. */
  get changed(): ReadonlySet<number> {
    return this.#changed;
  }

  noteChanged(start: number): void {
    if (start === this.#latestChange) return;
    this.#changed.add(start);
    this.#latestChange = start;
  }

  /** Those that begin earlier. */
  before(start: number): readonly (readonly [number, Chunk])[] {
    return this.#oldestStart < start ? [...this.#all].filter(([each]) => each < start) : [];
  }

  /** All that changed is in blocks now, and those that begin earlier are not to be kept. */
  letGo(before: number): void {
    this.#changed.clear();
    this.#latestChange = undefined;
    if (this.#oldestStart >= before) return;
    for (const [start] of this.before(before)) this.#all.delete(start);
    this.#oldestStart = Math.min(...this.#all.keys());
    if (this.#newestStart < before) [this.#newest, this.#newestStart] = [undefined, Number.NEGATIVE_INFINITY];
  }
}
