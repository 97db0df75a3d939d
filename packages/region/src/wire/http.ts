/** A request as it came over the wire, its body read and its transfer coding undone. */
export interface HttpRequest {
  readonly method: string;
  /** As sent, still percent-encoded. */
  readonly path: string;
  /** Without the question mark, as sent; empty if there is none. */
  readonly query: string;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

const decoder = new TextDecoder();

export const bodyText = (request: HttpRequest): string => decoder.decode(request.body);
