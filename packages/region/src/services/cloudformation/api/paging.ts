import { validationError } from '../errors.ts';

/** One page of a list; the token is the place where the next one begins. */
export function page<T>(
  all: readonly T[],
  size: number,
  token: string | undefined,
): { readonly items: T[]; readonly nextToken: string | undefined } {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0 || from > all.length) throw validationError('Invalid NextToken');
  const items = all.slice(from, from + size);
  return { items, nextToken: from + size < all.length ? String(from + size) : undefined };
}
