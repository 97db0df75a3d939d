import { validationError } from './errors.ts';

/** One page of a list. Markers name the first item of the next page. */
export function page<T>(
  items: readonly T[],
  { Marker, PageSize }: { readonly Marker?: string | undefined; readonly PageSize?: number | undefined },
  keyOf: (item: T) => string,
): { readonly items: readonly T[]; readonly NextMarker?: string } {
  const size = PageSize ?? 400;
  if (size < 1 || size > 400) throw validationError(`Page size must be between 1 and 400`);
  let start = 0;
  if (Marker !== undefined) {
    start = items.findIndex((item) => encode(keyOf(item)) === Marker);
    if (start < 0) throw validationError(`Invalid Marker '${Marker}'`);
  }
  const following = items[start + size];
  return {
    items: items.slice(start, start + size),
    ...(following && { NextMarker: encode(keyOf(following)) }),
  };
}

function encode(key: string): string {
  return Buffer.from(key).toString('base64url');
}
