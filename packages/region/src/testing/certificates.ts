/** Certificates for tests, made without any other program: a little DER and a signature of node:crypto. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface TestCertificate {
  /** PEM */
  readonly certificate: string;
  /** PEM, PKCS #8 */
  readonly privateKey: string;
  readonly name: string;
  readonly key: KeyObject;
}

export interface CertificateOptions {
  readonly commonName?: string;
  readonly names?: readonly string[];
  /** Default: it signs itself. */
  readonly issuer?: TestCertificate;
  readonly key?: KeyObject;
  readonly keyType?: 'ec' | 'ec384' | 'rsa' | 'rsa3072' | 'ed25519';
  readonly hash?: 'sha256' | 'sha384';
  readonly validFrom?: string;
  readonly validTo?: string;
  /** With the extensions of a server's certificate. */
  readonly usages?: boolean;
  readonly isCa?: boolean;
}

export function testCertificate(options: CertificateOptions = {}): TestCertificate {
  const names = options.names ?? ['localhost'];
  const name = options.commonName ?? names[0] ?? 'localhost';
  const key = options.key ?? newKey(options.keyType ?? 'ec');
  const signer = options.issuer?.key ?? key;
  const hash = options.hash ?? 'sha256';
  const algorithm = signatureAlgorithm(signer, hash);
  const tbs = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x11]), randomBytes(15)])),
    algorithm,
    nameOf(options.issuer?.name ?? name),
    sequence(
      time(options.validFrom ?? '2020-01-01T00:00:00Z'),
      time(options.validTo ?? '2049-01-01T00:00:00Z'),
    ),
    nameOf(name),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(options, names))),
  );
  const isEd = signer.asymmetricKeyType === 'ed25519';
  const signature = sign(isEd ? null : hash, tbs, signer);
  const der = sequence(tbs, algorithm, element(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    certificate: pem('CERTIFICATE', der),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name,
    key,
  };
}

function newKey(type: NonNullable<CertificateOptions['keyType']>): KeyObject {
  switch (type) {
    case 'ec':
      return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    case 'ec384':
      return generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey;
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    default:
      return generateKeyPairSync('rsa', { modulusLength: type === 'rsa' ? 2048 : 3072 }).privateKey;
  }
}

function extensions({ usages, isCa }: CertificateOptions, names: readonly string[]): Buffer[] {
  const alternativeNames = sequence(
    ...names.map((name) =>
      /^[\d.]+$/.test(name)
        ? element(0x87, Buffer.from(name.split('.').map(Number)))
        : element(0x82, Buffer.from(name)),
    ),
  );
  return [
    extension([0x55, 0x1d, 0x11], alternativeNames),
    ...(isCa ? [extension([0x55, 0x1d, 0x13], sequence(element(0x01, Buffer.from([0xff]))))] : []),
    ...(usages
      ? [
          extension([0x55, 0x1d, 0x0f], element(0x03, Buffer.from([5, 0xa0]))),
          extension([0x55, 0x1d, 0x25], sequence(oid([0x2b, 6, 1, 5, 5, 7, 3, 1]))),
        ]
      : []),
  ];
}

function extension(identifier: readonly number[], value: Buffer): Buffer {
  return sequence(oid(identifier), element(0x04, value));
}

function signatureAlgorithm(key: KeyObject, hash: 'sha256' | 'sha384'): Buffer {
  const is256 = hash === 'sha256';
  if (key.asymmetricKeyType === 'ed25519') return sequence(oid([0x2b, 0x65, 0x70]));
  if (key.asymmetricKeyType === 'ec')
    return sequence(oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, is256 ? 2 : 3]));
  return sequence(
    oid([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, is256 ? 11 : 12]),
    element(0x05, Buffer.alloc(0)),
  );
}

function nameOf(commonName: string): Buffer {
  const attribute = (type: number, value: string) =>
    element(0x31, sequence(oid([0x55, 4, type]), element(0x0c, Buffer.from(value))));
  return sequence(attribute(10, 'Example Company'), attribute(3, commonName));
}

function time(iso: string): Buffer {
  const digits = iso.replace(/[-:T]/g, '').slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}

function integer(value: Buffer): Buffer {
  return element(0x02, value);
}

function oid(bytes: readonly number[]): Buffer {
  return element(0x06, Buffer.from(bytes));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  return element(tag, content);
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
