/**
 * Which certificate a client gets, by the name that it asks for and the keys that it can verify. Pure.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 */
import type { TlsCertificate, TlsConfiguration } from '../../services/elbv2/ports.ts';
import type { ClientHello } from './client-hello.ts';

/**
 * Confirmed by docs: of several that match, the best that the client supports: ECDSA over RSA, the better hash, the longer
 * key, validity. Without a name, or with one that none matches, it is the default certificate.
 */
export function certificateFor(
  { defaultCertificate, certificates }: Pick<TlsConfiguration, 'defaultCertificate' | 'certificates'>,
  hello: ClientHello | undefined,
): TlsCertificate {
  if (hello?.serverName === undefined || hello.serverName === '') return defaultCertificate;
  const name = hello.serverName.toLowerCase().replace(/\.$/, '');
  const matching = [defaultCertificate, ...certificates].filter(({ names }) =>
    names.some((pattern) => isNamed(pattern.toLowerCase(), name)),
  );
  const supported = matching.filter((certificate) => isSupported(certificate, hello));
  return best(supported) ?? best(matching) ?? defaultCertificate;
}

/** A wildcard stands for the first label, and for one label only (RFC 6125, 6.4.3). */
function isNamed(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name;
  const dot = name.indexOf('.');
  return dot > 0 && name.slice(dot) === pattern.slice(1);
}

/** By the schemes of TLS 1.3 that sign with keys on these curves, and the cipher suites of TLS 1.2 that need such keys. */
const ecdsaSchemes: Readonly<Record<string, number>> = {
  EC_prime256v1: 0x0403,
  EC_secp384r1: 0x0503,
  EC_secp521r1: 0x0603,
};
const ecdsaSuites = [0xc009, 0xc00a, 0xc023, 0xc024, 0xc02b, 0xc02c];

function isSupported({ keyAlgorithm }: TlsCertificate, hello: ClientHello): boolean {
  const scheme = ecdsaSchemes[keyAlgorithm];
  if (scheme === undefined) return true;
  if (hello.signatureSchemes !== undefined && !hello.signatureSchemes.includes(scheme)) return false;
  return hello.knowsTls13 || hello.cipherSuites.some((suite) => ecdsaSuites.includes(suite));
}

function best(certificates: readonly TlsCertificate[]): TlsCertificate | undefined {
  return [...certificates].sort((a, b) => {
    const [x, y] = [rankOf(a), rankOf(b)];
    const differing = x.findIndex((value, i) => value !== y[i]);
    return (y[differing] ?? 0) - (x[differing] ?? 0);
  })[0];
}

/** Chosen: of the validity, the later end. */
function rankOf({ signatureAlgorithm, keyAlgorithm, notAfter }: TlsCertificate): readonly number[] {
  return [
    Number(keyAlgorithm in ecdsaSchemes),
    numberIn(signatureAlgorithm),
    numberIn(keyAlgorithm),
    notAfter,
  ];
}

/** `SHA384WITHRSA`: 384; `EC_prime256v1`: 256; SHA1 and MD5 are below all others. */
function numberIn(name: string): number {
  return Number(/\d{3,}/.exec(name)?.[0] ?? 0);
}
