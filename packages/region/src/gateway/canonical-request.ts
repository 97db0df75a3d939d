import type { ProtocolName } from '../models/catalog.ts';
import type { HttpRequest } from '../wire/http.ts';

/** The text that Signature Version 4 hashes: what was sent, written in one certain way. */
export function canonicalRequest(
  request: HttpRequest,
  signedHeaders: readonly string[],
  payloadHash: string,
  protocol: ProtocolName,
): string {
  const headers = signedHeaders.map((name) => `${name}:${headerValue(request.headers[name] ?? '')}\n`);
  return [
    request.method,
    protocol === 's3' ? s3Path(request.path) : normalizedPath(request.path),
    canonicalQuery(request.query),
    headers.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

const headerValue = (text: string): string => text.trim().replace(/ +/g, ' ');

/** S3 takes keys as they are: encoded once, nothing normalized. */
const s3Path = (path: string): string =>
  path
    .split('/')
    .map((segment) => encode(decode(segment)))
    .join('/') || '/';

/** All others normalize the path and encode it once more than it was sent. */
function normalizedPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(encode(segment));
  }
  const trailing = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${kept.join('/')}${trailing}`;
}

function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      return [encode(decode(name)), encode(decode(value))] as const;
    })
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Encoded text is ASCII, so that this is the order of bytes. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** RFC 3986: all but letters, digits and `-._~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
