// Errors as RFC 9457 problem documents. An error that is meant for the client is thrown as a `Problem`; everything else
// becomes a 500 that tells the client nothing and the log everything.
import { STATUS_CODES } from 'node:http';

/** One mistake in the request's body; `field` is the property's name, empty for the body itself. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

export const problemContentType = 'application/problem+json; charset=utf-8';

export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    status: number,
    detail: string,
    options: { errors?: readonly FieldError[]; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.status = status;
    this.errors = options.errors;
  }
}

/** The document for any error: no stack, no internals. `about:blank` means "the status says it all" (RFC 9457, 4.2.1). */
export function problemDocument(error: unknown): ProblemDocument {
  if (error instanceof Problem) {
    const document = blank(error.status, error.message);
    return error.errors === undefined ? document : { ...document, errors: error.errors };
  }
  const status = clientErrorStatus(error);
  if (status !== undefined && error instanceof Error) return blank(status, error.message);
  return blank(500, 'The request could not be answered because of an error on our side.');
}

function blank(status: number, detail: string): ProblemDocument {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
}

/** Fastify's own refusals (malformed JSON, body too large, unknown media type) carry a 4xx `statusCode`. */
function clientErrorStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}
