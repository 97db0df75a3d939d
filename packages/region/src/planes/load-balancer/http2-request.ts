/**
 * A request of HTTP/2 as one of HTTP/1.1: the same message, in the one form that the balancer reads. What could be read as
 * something else there is refused here, byte by byte: nothing can be smuggled through the translation. Pure.
 * RFC 9113, 8.2 and 8.3.
 */

export type TranslatedRequest =
  | {
      readonly kind: 'request';
      readonly method: string;
      /** Request line and header lines, each with its CRLF; not yet the framing, nor the empty line. */
      readonly head: string;
      /** -1: none was given. */
      readonly contentLength: number;
      readonly isGrpc: boolean;
    }
  /** Not a request that HTTP/2 allows: the stream is reset, as it demands. */
  | { readonly kind: 'malformed'; readonly reason: string };

const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const METHOD = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** Visible ASCII: what stands between the spaces of a request line. */
const PATH = /^\/[\x21-\x7e]*$/;
const AUTHORITY = /^[A-Za-z0-9._~%!$&'()*+,;=:[\]-]+$/;
/** No NUL, CR or LF. */
const FORBIDDEN = /[\0\r\n]/;
/** Of the connection: HTTP/2 has them not. */
const CONNECTION_FIELDS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
const PSEUDO = new Set([':method', ':scheme', ':path', ':authority']);

/** @param fields names and values in turn, in their order */
export function translatedRequest(fields: readonly string[]): TranslatedRequest {
  const pseudo = new Map<string, string>();
  const cookies: string[] = [];
  let host: string | undefined;
  let contentLength = -1;
  let contentType = '';
  let lines = '';
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    if (FORBIDDEN.test(value))
      return malformed(`the value of ${JSON.stringify(name)} has a line break or NUL`);
    if (name.startsWith(':')) {
      if (lines !== '' || host !== undefined || cookies.length > 0)
        return malformed(`${name} comes after other fields`);
      if (!PSEUDO.has(name) || pseudo.has(name)) return malformed(`${JSON.stringify(name)} cannot be here`);
      pseudo.set(name, value);
      continue;
    }
    if (!NAME.test(name)) return malformed(`${JSON.stringify(name)} is no name of a field`);
    if (CONNECTION_FIELDS.has(name) || (name === 'te' && value.toLowerCase() !== 'trailers'))
      return malformed(`${name} is of HTTP/1.1`);
    if (name === 'host') {
      if (host !== undefined && host !== value) return malformed('host is there twice');
      host = value;
    } else if (name === 'cookie') cookies.push(value);
    else if (name === 'content-length') {
      if (!/^\d{1,15}$/.test(value) || (contentLength >= 0 && contentLength !== Number(value)))
        return malformed('content-length is no length');
      contentLength = Number(value);
    } else {
      if (name === 'content-type') contentType = value;
      lines += `${name}: ${value}\r\n`;
    }
  }
  const line = requestLine(pseudo);
  if (typeof line !== 'string') return line;
  const authority = pseudo.get(':authority') ?? host ?? '';
  if (!AUTHORITY.test(authority)) return malformed(':authority is no host');
  if (host !== undefined && host.toLowerCase() !== authority.toLowerCase())
    return malformed('host is not :authority');
  // RFC 9113, 8.2.3: a cookie may come in crumbs; in HTTP/1.1 it is one line.
  const cookie = cookies.length > 0 ? `cookie: ${cookies.join('; ')}\r\n` : '';
  return {
    kind: 'request',
    method: pseudo.get(':method') ?? '',
    head: `${line}Host: ${authority}\r\n${lines}${cookie}`,
    contentLength,
    isGrpc: /^application\/grpc(\+|;|$)/i.test(contentType),
  };
}

function requestLine(pseudo: ReadonlyMap<string, string>): string | TranslatedRequest {
  const method = pseudo.get(':method') ?? '';
  if (!METHOD.test(method)) return malformed(':method is no method');
  // What a CONNECT names is not looked at: it is refused, as it is in HTTP/1.1.
  if (method === 'CONNECT') return 'CONNECT / HTTP/1.1\r\n';
  if (!/^https?$/.test(pseudo.get(':scheme') ?? '')) return malformed(':scheme is neither https nor http');
  const path = pseudo.get(':path') ?? '';
  if (!PATH.test(path) && !(method === 'OPTIONS' && path === '*')) return malformed(':path is no path');
  return `${method} ${path} HTTP/1.1\r\n`;
}

/** Trailers as lines of HTTP/1.1. Undefined: there is one that cannot be sent. */
export function translatedTrailers(fields: readonly string[]): string | undefined {
  let lines = '';
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    if (!NAME.test(name) || CONNECTION_FIELDS.has(name) || FORBIDDEN.test(value)) return undefined;
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

function malformed(reason: string): { readonly kind: 'malformed'; readonly reason: string } {
  return { kind: 'malformed', reason };
}
