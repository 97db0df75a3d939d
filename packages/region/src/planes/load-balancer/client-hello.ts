/**
 * What a client says first in a TLS handshake (RFC 8446, 4.1.2): the name that it asks for, and which keys it can verify. Read before
 * the handshake begins, because the certificate depends on both, and Node's own callback knows the name only.
 */

export interface ClientHello {
  /** Undefined: none was given. */
  readonly serverName: string | undefined;
  readonly cipherSuites: readonly number[];
  /** Undefined: the client did not say, as those before TLS 1.2 do not. */
  readonly signatureSchemes: readonly number[] | undefined;
  readonly knowsTls13: boolean;
}

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const SIGNATURE_ALGORITHMS = 13;
const SUPPORTED_VERSIONS = 43;
const TLS_1_3 = 0x0304;
/** Longer ones are not waited for. */
const MAX_HELLO = 65536;

/** What is not a ClientHello is left to the handshake, which refuses it in TLS's own words. */
export function readClientHello(bytes: Buffer): ClientHello | 'incomplete' | 'unreadable' {
  const message = handshakeBytes(bytes);
  if (typeof message === 'string') return message;
  try {
    return hello(new Reader(message, 4, message.length));
  } catch (error) {
    if (error instanceof OutOfBytes) return 'unreadable';
    throw error;
  }
}

/** The message, put together from the records that it is in. */
function handshakeBytes(bytes: Buffer): Buffer | 'incomplete' | 'unreadable' {
  const parts: Buffer[] = [];
  let got = 0;
  let wanted = 4;
  for (let at = 0; got < wanted; ) {
    if (bytes.length > at && bytes[at] !== HANDSHAKE) return 'unreadable';
    if (bytes.length < at + 5) return 'incomplete';
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if (end === at + 5) return 'unreadable';
    if (bytes.length < end) return end > MAX_HELLO ? 'unreadable' : 'incomplete';
    parts.push(bytes.subarray(at + 5, end));
    got += end - at - 5;
    at = end;
    if (wanted > 4 || got < 4) continue;
    const head = Buffer.concat(parts);
    if (head[0] !== CLIENT_HELLO) return 'unreadable';
    wanted = 4 + head.readUIntBE(1, 3);
    if (wanted > MAX_HELLO) return 'unreadable';
  }
  return Buffer.concat(parts, wanted);
}

function hello(reader: Reader): ClientHello {
  reader.skip(2 + 32);
  reader.part(1);
  const cipherSuites = reader.part(2).numbers();
  reader.part(1);
  let serverName: string | undefined;
  let signatureSchemes: readonly number[] | undefined;
  let versions: readonly number[] = [];
  const extensions = reader.isAtEnd ? reader : reader.part(2);
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.part(2);
    if (type === SERVER_NAME) serverName = hostName(content);
    else if (type === SIGNATURE_ALGORITHMS) signatureSchemes = content.part(2).numbers();
    else if (type === SUPPORTED_VERSIONS) versions = content.part(1).numbers();
  }
  return { serverName, cipherSuites, signatureSchemes, knowsTls13: versions.includes(TLS_1_3) };
}

function hostName(content: Reader): string | undefined {
  const list = content.part(2);
  while (!list.isAtEnd) {
    const type = list.number(1);
    const name = list.part(2).text();
    if (type === 0) return name;
  }
  return undefined;
}

class OutOfBytes extends Error {}

class Reader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  skip(length: number): void {
    if (this.#at + length > this.#end) throw new OutOfBytes();
    this.#at += length;
  }

  number(length: number): number {
    this.skip(length);
    return this.#bytes.readUIntBE(this.#at - length, length);
  }

  /** What follows a length of so many bytes. */
  part(lengthBytes: number): Reader {
    const length = this.number(lengthBytes);
    this.skip(length);
    return new Reader(this.#bytes, this.#at - length, this.#at);
  }

  numbers(): number[] {
    const found: number[] = [];
    while (!this.isAtEnd) found.push(this.number(2));
    return found;
  }

  text(): string {
    return this.#bytes.toString('latin1', this.#at, this.#end);
  }
}
