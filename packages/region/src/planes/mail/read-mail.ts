/** Reads what `compose.ts` writes: one text in UTF-8, quoted-printable; headers folded and with encoded words (RFC 2047). */
export interface ReadMail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** ISO 8601; empty when the mail has no date that can be read. */
  readonly date: string;
  readonly text: string;
}

export function readMail(source: Uint8Array): ReadMail {
  const raw = Buffer.from(source).toString('latin1');
  const end = /\r?\n\r?\n/.exec(raw);
  const head = end ? raw.slice(0, end.index) : raw;
  const body = end ? raw.slice(end.index + end[0].length) : '';
  const headers = headersOf(head);
  const date = new Date(headers.get('date') ?? '');
  return {
    from: decodeWords(headers.get('from') ?? ''),
    to: decodeWords(headers.get('to') ?? ''),
    subject: decodeWords(headers.get('subject') ?? ''),
    date: Number.isNaN(date.getTime()) ? '' : date.toISOString(),
    text: decodeBody(body, headers.get('content-transfer-encoding') ?? ''),
  };
}

function headersOf(head: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

/** White space between two encoded words is not part of the text. */
function decodeWords(text: string): string {
  return text
    .replace(/(=\?[^?]+\?[QqBb]\?[^?]*\?=)\s+(?==\?)/g, '$1')
    .replace(/=\?[^?]+\?([QqBb])\?([^?]*)\?=/g, (_, encoding: string, word: string) => {
      if (/b/i.test(encoding)) return Buffer.from(word, 'base64').toString();
      return quotedPrintable(word.replaceAll('_', ' ')).toString();
    });
}

function decodeBody(body: string, encoding: string): string {
  const bytes = /base64/i.test(encoding)
    ? Buffer.from(body, 'base64')
    : /quoted-printable/i.test(encoding)
      ? quotedPrintable(body.replace(/=\r?\n/g, ''))
      : Buffer.from(body, 'latin1');
  return bytes.toString().replaceAll('\r\n', '\n');
}

function quotedPrintable(text: string): Buffer {
  const decoded = text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}
