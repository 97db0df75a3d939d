/** What a certificate says, as ACM tells it. */
import type { X509Certificate } from 'node:crypto';
import type { KeyAlgorithm, KeyUsageName } from '@aws-sdk/client-acm';
import { instant } from '../../kernel/instant.ts';
import { keyUsageBits, signatureAlgorithmOf } from './der.ts';
import type { CertificateFacts } from './state.ts';

/** Confirmed by docs: what can be imported. https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html */
const rsaSizes = [1024, 2048, 3072, 4096];
const curves = ['prime256v1', 'secp384r1', 'secp521r1'];

/** ACM's name of the key's algorithm and size; undefined: it cannot be imported. */
export function keyAlgorithmOf({ publicKey }: X509Certificate): KeyAlgorithm | undefined {
  const { modulusLength = 0, namedCurve = '' } = publicKey.asymmetricKeyDetails ?? {};
  if (publicKey.asymmetricKeyType === 'rsa' && rsaSizes.includes(modulusLength))
    return `RSA_${modulusLength}` as KeyAlgorithm;
  if (publicKey.asymmetricKeyType === 'ec' && curves.includes(namedCurve))
    return `EC_${namedCurve}` as KeyAlgorithm;
  return undefined;
}

export function factsOf(certificate: X509Certificate, keyAlgorithm: KeyAlgorithm): CertificateFacts {
  const subject = partsOf(certificate.subject);
  const names = alternativeNames(certificate);
  const commonName = subject.find(([key]) => key === 'CN')?.[1];
  return {
    domainName: commonName ?? names[0] ?? '',
    subjectAlternativeNames: names,
    subject: subject.map(([key, value]) => `${key}=${value}`).join(', '),
    issuer: issuerOf(certificate),
    serial: (certificate.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
    notBefore: instant(Date.parse(certificate.validFrom)),
    notAfter: instant(Date.parse(certificate.validTo)),
    keyAlgorithm,
    signatureAlgorithm: signatureAlgorithms[signatureAlgorithmOf(certificate.raw)] ?? 'UNKNOWN',
    keyUsages: (keyUsageBits(certificate.raw) ?? []).flatMap((isSet, i) =>
      isSet && keyUsageNames[i] ? [keyUsageNames[i]] : [],
    ),
    extendedKeyUsages: [...(certificate.keyUsage ?? [])],
  };
}

/** DNS names and addresses of the extension Subject Alternative Name. */
function alternativeNames({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName
    .split(', ')
    .flatMap((name) =>
      /^DNS:/.test(name) ? name.slice(4) : /^IP Address:/.test(name) ? name.slice(11) : [],
    );
}

function issuerOf({ issuer }: X509Certificate): string {
  const parts = partsOf(issuer);
  const named = ['O', 'CN'].map((wanted) => parts.find(([key]) => key === wanted)?.[1]);
  return named.find((value) => value !== undefined) ?? parts[0]?.[1] ?? '';
}

function partsOf(name: string | undefined): (readonly [string, string])[] {
  return (name ?? '').split('\n').flatMap((line) => {
    const equals = line.indexOf('=');
    return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)] as const] : [];
  });
}

const signatureAlgorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'MD5WITHRSA',
  '1.2.840.113549.1.1.5': 'SHA1WITHRSA',
  '1.2.840.113549.1.1.11': 'SHA256WITHRSA',
  '1.2.840.113549.1.1.12': 'SHA384WITHRSA',
  '1.2.840.113549.1.1.13': 'SHA512WITHRSA',
  '1.2.840.10045.4.1': 'SHA1WITHECDSA',
  '1.2.840.10045.4.3.2': 'SHA256WITHECDSA',
  '1.2.840.10045.4.3.3': 'SHA384WITHECDSA',
  '1.2.840.10045.4.3.4': 'SHA512WITHECDSA',
};

/** By the bits of the extension (RFC 5280, 4.2.1.3). */
const keyUsageNames: readonly KeyUsageName[] = [
  'DIGITAL_SIGNATURE',
  'NON_REPUDIATION',
  'KEY_ENCIPHERMENT',
  'DATA_ENCIPHERMENT',
  'KEY_AGREEMENT',
  'CERTIFICATE_SIGNING',
  'CRL_SIGNING',
  'ENCIPHER_ONLY',
  'DECIPHER_ONLY',
];
