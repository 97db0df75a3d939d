/** Header lines of HTTP/1.1 as fields of HTTP/2, as Node takes them. Pure. */
import type { OutgoingHttpHeaders } from 'node:http2';

/** Of the connection: HTTP/2 has them not, and Node refuses them. */
const CONNECTION_FIELDS = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that Node sends once only. Of several that a target sent, the first one goes on. */
const SINGLE = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
]);

/** @param lines each with its CRLF */
export function fieldsOf(lines: string): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    if (CONNECTION_FIELDS.has(name)) continue;
    const value = line.slice(colon + 1).trim();
    const known = fields[name];
    if (known === undefined) fields[name] = value;
    else if (!SINGLE.has(name)) fields[name] = [known, value].flat();
  }
  return fields;
}
