/** A certificate of X.509, version 1, that signs itself: Node reads certificates but makes none. */
import { createSign, type KeyObject } from 'node:crypto';

export interface CertificateOptions {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly commonName: string;
  readonly serial: Uint8Array;
  /** Milliseconds since 1970. Valid for twenty years, and a day before, since a region's clock may be moved. */
  readonly from: number;
}

const year = 365 * 86_400_000;

/** @returns PEM */
export function selfSigned({ privateKey, publicKey, commonName, serial, from }: CertificateOptions): string {
  const name = sequence(set(sequence(commonNameId, utf8(commonName))));
  const content = sequence(
    integer(serial),
    rsaWithSha256,
    name,
    sequence(time(from - 86_400_000), time(from + 20 * year)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = createSign('RSA-SHA256').update(content).sign(privateKey);
  const der = sequence(content, rsaWithSha256, element(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** A value of ASN.1 as DER writes it: tag, length, content. */
function element(tag: number, content: Uint8Array): Buffer {
  const length = content.length;
  const bytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...bytes), content]);
}

function sequence(...members: readonly Uint8Array[]): Buffer {
  return element(0x30, Buffer.concat(members));
}

function set(...members: readonly Uint8Array[]): Buffer {
  return element(0x31, Buffer.concat(members));
}

/** Positive, and without the leading zeros that DER forbids. */
function integer(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = ((copy[0] ?? 0) & 0x3f) | 0x40;
  return element(0x02, copy);
}

function utf8(text: string): Buffer {
  return element(0x0c, Buffer.from(text));
}

/** GeneralizedTime: `20261122120000Z`. */
function time(at: number): Buffer {
  return element(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]|\.\d+Z$/g, '')}Z`));
}

// 2.5.4.3
const commonNameId = Buffer.of(0x06, 0x03, 0x55, 0x04, 0x03);
// 1.2.840.113549.1.1.11 with its parameters, NULL
const rsaWithSha256 = sequence(
  Buffer.of(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b),
  Buffer.of(0x05, 0x00),
);
