/**
 * A page of a list that is ordered the same each time. The token is the offset, disguised as AWS's tokens are opaque.
 * @param invalidToken makes the service's own error for a token that was not given out
 */
export function page<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
  invalidToken: () => Error,
): { readonly items: T[]; readonly nextToken?: string } {
  const start = token === undefined || token === '' ? 0 : offsetOf(token);
  if (start === undefined) throw invalidToken();
  const end = start + size;
  return { items: items.slice(start, end), ...(end < items.length && { nextToken: encode(end) }) };
}

const alphabet = 'QRSTUVWXYZ';

function encode(offset: number): string {
  return `e1${[...String(offset)].map((digit) => alphabet[Number(digit)]).join('')}`;
}

function offsetOf(token: string): number | undefined {
  if (!/^e1[Q-Z]{1,9}$/.test(token)) return undefined;
  return Number([...token.slice(2)].map((letter) => alphabet.indexOf(letter)).join(''));
}
