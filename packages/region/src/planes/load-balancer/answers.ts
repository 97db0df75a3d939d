/** Answers that the balancer makes itself. */
import { ticks } from './ticks.ts';

/** Phrases as ALB sends them. Unknown for 460, 463, 464: chosen without a phrase. */
const PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Time-out',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
  505: 'HTTP Version Not Supported',
};

export interface OwnAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** For redirects. */
  readonly location?: string;
  /** For clients of gRPC. */
  readonly grpcStatus?: number;
}

/** Confirmed by public transcripts: the body of ALB's errors, 162 bytes for 503, 122 for 502. */
export function errorAnswer(status: number): OwnAnswer {
  const title = statusText(status);
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { status, contentType: 'text/html', body };
}

export function statusText(status: number): string {
  const phrase = PHRASES[status];
  return phrase === undefined ? String(status) : `${status} ${phrase}`;
}

/**
 * Confirmed by public transcripts for 502 (14, unavailable); for the others as gRPC's clients translate codes of HTTP.
 * https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
 */
export function grpcAnswer(status: number): OwnAnswer {
  return { ...errorAnswer(status), grpcStatus: GRPC_CODES[status] ?? 2 };
}

const GRPC_CODES: Readonly<Record<number, number>> = { 400: 13, 502: 14, 503: 14, 504: 14 };
const GRPC_MESSAGES: Readonly<Record<number, string>> = { 2: 'unknown', 13: 'internal', 14: 'unavailable' };

function grpcLines(status: number): string {
  return `grpc-status: ${status}\r\ngrpc-message: ${GRPC_MESSAGES[status] ?? 'unknown'}\r\n`;
}

export interface AnswerOptions {
  readonly withoutBody: boolean;
  readonly keepAlive: boolean;
  readonly serverHeader: boolean;
}

/** The bytes of an answer, as a latin1 string. */
export function renderAnswer(answer: OwnAnswer, options: AnswerOptions): string {
  const server = options.serverHeader ? 'Server: awselb/2.0\r\n' : '';
  const location = answer.location === undefined ? '' : `Location: ${answer.location}\r\n`;
  const grpc = answer.grpcStatus === undefined ? '' : grpcLines(answer.grpcStatus);
  const { fields, body } = contentOf(answer);
  const connection = options.keepAlive ? 'keep-alive' : 'close';
  return (
    `HTTP/1.1 ${answer.status} ${PHRASES[answer.status] ?? ''}\r\n${server}${dateLine()}${fields}` +
    `Connection: ${connection}\r\n${location}${grpc}\r\n${options.withoutBody ? '' : body}`
  );
}

/** RFC 9110, 15.3.5: 204 ends with its head. What a rule gives it as a body would be read as the next answer. */
function contentOf(answer: OwnAnswer): { readonly fields: string; readonly body: string } {
  if (answer.status === 204) return { fields: '', body: '' };
  const type = answer.contentType === '' ? '' : `Content-Type: ${answer.contentType}\r\n`;
  const body = Buffer.from(answer.body, 'utf8').toString('latin1');
  return { fields: `${type}Content-Length: ${body.length}\r\n`, body };
}

let line = '';
let lineMadeAt = 0;

/** The `Date` header's line, made once a tick. */
export function dateLine(): string {
  if (ticks.now !== lineMadeAt) {
    lineMadeAt = ticks.now;
    line = `Date: ${new Date(lineMadeAt).toUTCString()}\r\n`;
  }
  return line;
}
