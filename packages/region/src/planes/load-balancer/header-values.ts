import type { RequestHead } from './request-head.ts';

/** The values of a header by its lower-case name, in order: for rule conditions, which few requests meet. */
export function headerValues(head: RequestHead, lowerName: string): string[] {
  const values: string[] = [];
  for (const line of head.fields.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon === lowerName.length && line.slice(0, colon).toLowerCase() === lowerName) {
      values.push(line.slice(colon + 1).trim());
    }
  }
  const taken = takenValue(head, lowerName);
  return taken === undefined ? values : [...values, taken];
}

/** The value of a header that does not pass through as it came. */
function takenValue(head: RequestHead, lowerName: string): string | undefined {
  switch (lowerName) {
    case 'x-forwarded-for':
      return head.forwardedFor;
    case 'x-amzn-trace-id':
      return head.traceId;
    case 'connection':
      return head.connection === '' ? undefined : head.connection;
    case 'upgrade':
      return head.upgrade;
    case 'expect':
      return head.expectsContinue ? '100-continue' : undefined;
    case 'content-length':
      return head.contentLength < 0 ? undefined : String(head.contentLength);
    case 'transfer-encoding':
      return head.isChunked ? 'chunked' : undefined;
    default:
      return undefined;
  }
}
