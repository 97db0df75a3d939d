/** How policies write names of many things, and values that are known at the request only. Pure. */

/** The condition keys of a request, found in any letter case. */
export type Lookup = (key: string) => readonly string[] | undefined;

/** Marks a character that means itself: values put in place of variables hold no wildcards. */
const literally = '\u0001';

const compiled = new Map<string, RegExp>();
const mostCompiled = 5_000;

/** `*` stands for any characters, `?` for one. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (pattern === '*') return true;
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    if (compiled.size >= mostCompiled) compiled.clear();
    expression = new RegExp(`^${pattern.replace(tokens, (token) => expressionOf(token))}$`, 's');
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

const tokens = new RegExp(`${literally}[^]|[^]`, 'g');

function expressionOf(token: string): string {
  if (token === '*') return '.*';
  if (token === '?') return '.';
  return token.replace(literally, '').replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/**
 * Known: a wildcard does not reach over the colons that part an ARN, but for those of its last part. Chosen: a pattern with
 * fewer parts matches only where a wildcard ends it (`*`, `arn:aws:ecs:*`).
 */
export function matchesArn(pattern: string, arn: string): boolean {
  const wanted = pattern.split(':');
  const given = arn.split(':');
  if (wanted.length < 6 || given.length < 6)
    return (given.length < 6 || pattern.endsWith('*')) && matchesPattern(pattern, arn);
  const parts = [0, 1, 2, 3, 4].every((i) => matchesPattern(wanted[i] ?? '', given[i] ?? ''));
  return parts && matchesPattern(wanted.slice(5).join(':'), given.slice(5).join(':'));
}

/**
 * Puts values in place of `${key}` and `${key, 'default'}`; `${*}`, `${?}` and `${$}` are those characters.
 * @param keepsWildcards whether the text is a pattern
 * @returns undefined where a value is missing, so that nothing matches
 */
export function withVariables(text: string, lookup: Lookup, keepsWildcards: boolean): string | undefined {
  if (!text.includes('${')) return text;
  let isMissing = false;
  const filled = text.replace(/\$\{([^}]*)\}/g, (_whole, inner: string) => {
    const [key = '', fallback] = inner.split(/\s*,\s*/, 2);
    const value = /^[*?$]$/.test(inner)
      ? inner
      : (lookup(key.trim())?.[0] ?? fallback?.replace(/^'|'$/g, ''));
    if (value === undefined) isMissing = true;
    return keepsWildcards ? (value ?? '').replace(/[*?]/g, `${literally}$&`) : (value ?? '');
  });
  return isMissing ? undefined : filled;
}
