// What a client may ask for in `POST /links`. Pure: body in, link or field errors out.
import type { FieldError } from './problem.ts';

export interface NewLink {
  readonly url: string;
  readonly slug: string | undefined;
}

export type ParsedLink =
  | { readonly ok: true; readonly link: NewLink }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

// Chosen: what browsers and proxies all carry in a Location header.
const maxUrlLength = 2048;
const slugPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$/;
const slugRule = 'must be 3 to 64 letters, digits, hyphens or underscores, and begin with a letter or digit';
// Paths of the service itself; a link of that name could never be reached.
const reservedSlugs: ReadonlySet<string> = new Set(['health', 'ready', 'links']);
const slugAlphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz'; // without 0 O 1 I l i o
const generatedLength = 7;

export function parseNewLink(body: unknown): ParsedLink {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return {
      ok: false,
      errors: [{ field: '', message: 'must be a JSON object with url and, optionally, slug' }],
    };
  }
  const fields: Readonly<Record<string, unknown>> = { ...body };
  const url = parseUrl(fields['url']);
  const slugMistake = fields['slug'] === undefined ? undefined : mistakeInSlug(fields['slug']);
  const errors = [
    ...('message' in url ? [{ field: 'url', message: url.message }] : []),
    ...(slugMistake === undefined ? [] : [{ field: 'slug', message: slugMistake }]),
    ...Object.keys(fields)
      .filter((field) => field !== 'url' && field !== 'slug')
      .map((field) => ({ field, message: 'is not a known property; allowed are url and slug' })),
  ];
  if (errors.length > 0 || 'message' in url) return { ok: false, errors };
  return {
    ok: true,
    link: { url: url.href, slug: typeof fields['slug'] === 'string' ? fields['slug'] : undefined },
  };
}

/** Whether a link of this name can exist; asked before the database is. */
export function isSlug(text: string): boolean {
  return mistakeInSlug(text) === undefined;
}

/** A slug from random bytes, one byte a character. The alphabet has 55 letters: the slight bias does not matter here. */
export function slugFromBytes(bytes: Uint8Array): string {
  return Array.from(
    bytes.subarray(0, generatedLength),
    (byte) => slugAlphabet[byte % slugAlphabet.length],
  ).join('');
}

function mistakeInSlug(slug: unknown): string | undefined {
  if (typeof slug !== 'string' || !slugPattern.test(slug)) return slugRule;
  if (reservedSlugs.has(slug.toLowerCase())) return `'${slug}' is reserved`;
  return undefined;
}

function parseUrl(value: unknown): { readonly href: string } | { readonly message: string } {
  if (value === undefined) return { message: 'is required' };
  if (typeof value !== 'string') return { message: 'must be a string' };
  if (value.length > maxUrlLength) return { message: `must be at most ${maxUrlLength} characters` };
  if (!URL.canParse(value)) return { message: 'must be an absolute http or https URL' };
  const url = new URL(value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { message: 'must be an absolute http or https URL' };
  if (url.username !== '' || url.password !== '')
    return { message: 'must not contain a user name or password' };
  // Percent-encoding and punycode can lengthen what was given.
  if (url.href.length > maxUrlLength)
    return { message: `must be at most ${maxUrlLength} characters once encoded` };
  return { href: url.href };
}
