/** The request line: method, target and version, in the one form in which the balancer passes them on. */

export interface RequestLine {
  readonly method: string;
  /** What the request line to the target names: origin-form, or `*`. */
  readonly target: string;
  readonly minorVersion: 0 | 1;
  /** Of an absolute-form target. */
  readonly authority: string | undefined;
  /** ALB's name of what is unusual but acceptable. */
  readonly unusual: 'NonCompliantVersion' | 'SpaceInUri' | undefined;
}

export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  /** The names of ALB's desync mitigation reasons where it has one. */
  readonly reason: string;
}

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const COMMON_METHODS = new Set(['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const SLASH = 47;

/** @param line without its CRLF, one character per byte */
export function parseRequestLine(line: string): RequestLine | Refusal {
  const methodEnd = line.indexOf(' ');
  const versionAt = line.lastIndexOf(' ') + 1;
  const method = line.slice(0, Math.max(0, methodEnd));
  if (!COMMON_METHODS.has(method) && !METHOD.test(method)) return refused('BadMethod');
  const minorVersion = minorVersionOf(line.slice(versionAt));
  if (typeof minorVersion === 'object') return minorVersion;
  // What CONNECT names is no path: it is refused before that is looked at, with the code that it has with one.
  if (method === 'CONNECT') return refused('BadMethod', 405);
  const given = line.slice(methodEnd + 1, versionAt - 1);
  const problem = problemOf(given);
  if (problem !== undefined) return refused(problem);
  // Chosen: a space goes to the target encoded, so that both see the same request line.
  const hasSpace = given.includes(' ');
  const origin = originForm(method, hasSpace ? given.replaceAll(' ', '%20') : given);
  if (origin === undefined) return refused('BadUri');
  const unusual = hasSpace ? 'SpaceInUri' : minorVersion > 1 ? 'NonCompliantVersion' : undefined;
  const { target, authority } = origin;
  return { method, target, authority, minorVersion: minorVersion === 0 ? 0 : 1, unusual };
}

/** The line as the target gets it. */
export function requestLine(method: string, target: string): string {
  return `${method} ${target} HTTP/1.1\r\n`;
}

export function refused(reason: string, status = 400): Refusal {
  return { kind: 'refused', status, reason };
}

function minorVersionOf(version: string): number | Refusal {
  if (version === 'HTTP/1.1') return 1;
  if (/^HTTP\/1\.\d$/.test(version)) return Number(version.slice(-1));
  // Confirmed by docs: 505 for a version of HTTP that is not expected on the connection.
  return /^HTTP\/\d\.\d$/.test(version) ? refused('BadVersion', 505) : refused('BadVersion');
}

function problemOf(target: string): 'BadUri' | 'AmbiguousUri' | undefined {
  if (target === '') return 'BadUri';
  for (let i = 0; i < target.length; i += 1) {
    const code = target.charCodeAt(i);
    if (code < 32 || code === 127) return code === 0 || code === 13 ? 'BadUri' : 'AmbiguousUri';
  }
  return undefined;
}

/** Confirmed by docs: the Host of an absolute-form request is that of its URI. */
function originForm(
  method: string,
  target: string,
): { readonly target: string; readonly authority: string | undefined } | undefined {
  if (target.charCodeAt(0) === SLASH) return { target, authority: undefined };
  if (target === '*') return method === 'OPTIONS' ? { target, authority: undefined } : undefined;
  const match = /^https?:\/\/([^/?#@]+)([/?#].*)?$/i.exec(target);
  if (match?.[1] === undefined) return undefined;
  const rest = match[2] ?? '';
  return { target: rest.startsWith('/') ? rest : `/${rest}`, authority: match[1] };
}
