/**
 * Everything that is printed goes through here: lines that stay, and below them, on a terminal, a block that is redrawn
 * while something goes on. Elsewhere the block is left out, and no escape sequence is ever written.
 */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'dim' | 'bold';

const codes: Readonly<Record<Colour, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
};

export class Terminal {
  readonly isLive: boolean;
  readonly #out: Stream;
  readonly #err: Stream;
  readonly #hasColour: boolean;
  #block: readonly string[] = [];

  constructor(streams: { readonly out: Stream; readonly err: Stream; readonly env: Environment }) {
    this.#out = streams.out;
    this.#err = streams.err;
    this.isLive = streams.out.isTTY === true && streams.env['TERM'] !== 'dumb';
    this.#hasColour = hasColour(this.isLive, streams.env);
  }

  /** A line, or several, that stay. */
  print(text = ''): void {
    this.#out.write(`${this.#erased()}${text}\n${this.#drawn()}`);
  }

  /** For people, beside a result on standard output that is for programs. */
  complain(text: string): void {
    if (this.#block.length > 0) this.#out.write(this.#erased());
    this.#err.write(`${text}\n`);
    if (this.#block.length > 0) this.#out.write(this.#drawn());
  }

  /** Replaces the block below the lines; an empty one takes it away. */
  show(block: readonly string[]): void {
    if (!this.isLive) return;
    const erased = this.#erased();
    this.#block = block.map((line) => cut(line, (this.#out.columns || 80) - 1));
    this.#out.write(`${erased}${this.#drawn()}`);
  }

  paint(colour: Colour, text: string): string {
    if (!this.#hasColour) return text;
    const [on, off] = codes[colour];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }

  #erased(): string {
    return this.#block.length === 0 ? '' : `\u001b[${this.#block.length}A\u001b[0J`;
  }

  #drawn(): string {
    return this.#block.map((line) => `${line}\n`).join('');
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

// https://no-color.org: any value but the empty one.
function hasColour(isLive: boolean, env: Environment): boolean {
  if (env['NO_COLOR']) return false;
  return env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : isLive;
}

/** Cuts to a width in visible characters, leaving escape sequences whole. */
function cut(line: string, width: number): string {
  let visible = 0;
  let text = '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
  for (const part of line.split(/(\u001b\[\d+m)/)) {
    if (part.startsWith('\u001b')) {
      text += part;
      continue;
    }
    const kept = part.slice(0, Math.max(0, width - visible));
    visible += kept.length;
    text += kept;
  }
  return text;
}
