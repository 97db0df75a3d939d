/** As much of DER as is needed to read what Node's X509Certificate does not tell: signature algorithm and key usage. */

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
/** `[3]` of a TBSCertificate. */
const EXTENSIONS = 0xa3;
const KEY_USAGE = '2.5.29.15';

/** The object identifier of the algorithm by which a certificate is signed. */
export function signatureAlgorithmOf(der: Uint8Array): string {
  const [, algorithm] = children(der)[0] ? children(first(der).content) : [];
  const identifier = algorithm && children(algorithm.content)[0];
  return identifier?.tag === OBJECT_IDENTIFIER ? objectIdentifier(identifier.content) : '';
}

/** The bits of the extension Key Usage, the first one first. Undefined: the certificate has none. */
export function keyUsageBits(der: Uint8Array): readonly boolean[] | undefined {
  const [tbs] = children(first(der).content);
  const extensions = tbs && children(tbs.content).find(({ tag }) => tag === EXTENSIONS);
  if (!extensions) return undefined;
  for (const { tag, content } of children(first(extensions.content).content)) {
    if (tag !== SEQUENCE) continue;
    const parts = children(content);
    if (!parts[0] || objectIdentifier(parts[0].content) !== KEY_USAGE) continue;
    const value = parts.find((part) => part.tag === OCTET_STRING);
    const bits = value && first(value.content);
    return bits?.tag === BIT_STRING ? bitsOf(bits.content) : undefined;
  }
  return undefined;
}

function bitsOf([unused = 0, ...bytes]: Iterable<number> & Uint8Array): boolean[] {
  const bits = bytes.flatMap((byte) => Array.from({ length: 8 }, (_, i) => ((byte >> (7 - i)) & 1) === 1));
  return bits.slice(0, bits.length - unused);
}

function first(bytes: Uint8Array): Element {
  return children(bytes)[0] ?? { tag: 0, content: new Uint8Array() };
}

function children(bytes: Uint8Array): Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0;
    at += 2;
    if (length >= 0x80) {
      const digits = length & 0x7f;
      length = 0;
      for (let i = 0; i < digits; i += 1) length = length * 256 + (bytes[at + i] ?? 0);
      at += digits;
    }
    if (at + length > bytes.length) break;
    found.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}

function objectIdentifier(content: Uint8Array): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (numbers.length === 0) {
      const head = Math.min(Math.floor(value / 40), 2);
      numbers.push(head, value - head * 40);
    } else numbers.push(value);
    value = 0;
  }
  return numbers.join('.');
}
