/** Longer lines are cut. Known: an event of CloudWatch Logs was at most 256 KiB for years, and is 1 MB since 2025. */
export const maximumLineBytes = 256 * 1024;

/** Cuts a stream of bytes into lines. Bytes that are not UTF-8 become U+FFFD; only the line feed is taken off. */
export class LineSplitter {
  #pending: Buffer[] = [];
  #size = 0;

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      this.#add(chunk.subarray(from, at), lines);
      lines.push(this.#take(this.#size));
      from = at + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from), lines);
    return lines;
  }

  /** The last line, if it did not end. */
  end(): string[] {
    return this.#size > 0 ? [this.#take(this.#size)] : [];
  }

  #add(bytes: Buffer, lines: string[]): void {
    this.#pending.push(bytes);
    this.#size += bytes.length;
    while (this.#size > maximumLineBytes) lines.push(this.#take(maximumLineBytes));
  }

  #take(limit: number): string {
    const all = this.#pending.length === 1 ? (this.#pending[0] ?? empty) : Buffer.concat(this.#pending);
    const end = limit < all.length ? characterBoundary(all, limit) : limit;
    const rest = all.subarray(end);
    this.#pending = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    return all.toString('utf8', 0, end);
  }
}

const empty = Buffer.alloc(0);

/** The last place at or before `limit` that is not inside a UTF-8 character (which has at most three following bytes). */
function characterBoundary(bytes: Buffer, limit: number): number {
  for (let end = limit; end > limit - 4 && end > 0; end -= 1) {
    if (((bytes[end] ?? 0) & 0xc0) !== 0x80) return end;
  }
  return limit;
}
