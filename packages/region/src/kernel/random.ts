/** Where ids come from. Seeded, so that a run can be repeated; never used for anything secret. */
export interface Random {
  /** A whole number in [0, bound). */
  below(bound: number): number;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
  /** `length` decimal digits, the first not zero. */
  digits(length: number): string;
  /** `length` characters of a-z0-9, or of the given alphabet. */
  text(length: number, alphabet?: string): string;
  uuid(): string;
}

/** Where passwords and keys come from: the operating system's generator, or a seeded one in tests. */
export interface Secrets {
  bytes(length: number): Uint8Array;
  text(length: number, alphabet: string): string;
}

/** sfc32 by Chris Doty-Humphrey, public domain: small, fast, passes PractRand; seeded by four words from `seed`. */
export function seededRandom(seed: string): Random {
  let [a, b, c, d] = seedWords(seed);
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i += 1) next();
  const below = (bound: number): number => Math.floor(next() * bound);
  const text = (length: number, alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'): string => {
    let drawn = '';
    for (let i = 0; i < length; i += 1) drawn += alphabet.charAt(below(alphabet.length));
    return drawn;
  };
  return {
    below,
    text,
    hex: (length) => text(length, '0123456789abcdef'),
    digits: (length) => text(1, '123456789') + text(length - 1, '0123456789'),
    uuid: () =>
      `${text(8, hexDigits)}-${text(4, hexDigits)}-4${text(3, hexDigits)}-${text(1, '89ab')}${text(3, hexDigits)}-${text(12, hexDigits)}`,
  };
}

const hexDigits = '0123456789abcdef';

function seedWords(seed: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  for (let i = 0; i < seed.length; i += 1) {
    const at = i % 4;
    words[at] = Math.imul((words[at] ?? 0) ^ seed.charCodeAt(i), 0x01000193 + i);
  }
  return words;
}
