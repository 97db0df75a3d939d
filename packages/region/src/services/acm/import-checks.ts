/**
 * What ACM asks of an imported certificate. Texts Known, as public reports show them, where they are in quotes of such a
 * report; the others are ours: AWS publishes the rules, not all of the texts.
 * https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { ImportCertificateRequest } from '@aws-sdk/client-acm';
import type { Instant } from '../../kernel/instant.ts';
import { factsOf, keyAlgorithmOf } from './certificate-facts.ts';
import { validation } from './errors.ts';
import type { CertificateFacts } from './state.ts';

export interface CheckedImport {
  readonly certificate: string;
  readonly certificateChain?: string;
  readonly privateKey: string;
  readonly facts: CertificateFacts;
}

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;
/** Confirmed by docs. */
const MAX_KEY_BYTES = 5120;
const MAX_CERTIFICATE_BYTES = 32768;
const MAX_CHAIN_BYTES = 2097152;

export function checkImport(input: ImportCertificateRequest, now: Instant): CheckedImport {
  const certificate = readCertificate(input.Certificate);
  const privateKey = readKey(input.PrivateKey);
  const keyAlgorithm = keyAlgorithmOf(certificate);
  if (!keyAlgorithm) {
    throw validation(
      'The key algorithm or key size of the certificate is not supported. Supported are RSA_1024, RSA_2048, RSA_3072, RSA_4096, EC_prime256v1, EC_secp384r1 and EC_secp521r1.',
    );
  }
  if (!certificate.checkPrivateKey(privateKey))
    throw validation('The private key does not match the certificate.');
  checkValidity(certificate, now);
  if (certificate.issuer === '' || certificate.issuer === undefined)
    throw validation('The issuer of the certificate must not be empty.');
  const chain = readChain(input.CertificateChain);
  checkChain(certificate, chain);
  return {
    certificate: pemOf(certificate),
    ...(chain.length > 0 && { certificateChain: chain.map(pemOf).join('') }),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    facts: factsOf(certificate, keyAlgorithm),
  };
}

function readCertificate(bytes: Uint8Array | undefined): X509Certificate {
  const [block, second] = blocksOf('certificate', bytes, MAX_CERTIFICATE_BYTES);
  if (second !== undefined) {
    throw validation(
      'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    );
  }
  return parsed('certificate', block);
}

function readChain(bytes: Uint8Array | undefined): X509Certificate[] {
  if (bytes === undefined || bytes.length === 0) return [];
  return blocksOf('certificate chain', bytes, MAX_CHAIN_BYTES).map((block) =>
    parsed('certificate chain', block),
  );
}

function parsed(field: string, pem: string | undefined): X509Certificate {
  try {
    return new X509Certificate(pem ?? '');
  } catch {
    throw notPem(field);
  }
}

function readKey(bytes: Uint8Array | undefined): KeyObject {
  const text = textOf('private key', bytes, MAX_KEY_BYTES);
  if (/ENCRYPTED/.test(text)) throw validation('The private key must not be encrypted.');
  const keys = (text.match(PEM) ?? []).filter((block) => /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(block));
  const [pem] = keys;
  if (pem === undefined || keys.length > 1) throw notPem('private key');
  try {
    return createPrivateKey(pem);
  } catch {
    // What the parser says may name parts of the key.
    throw notPem('private key');
  }
}

function blocksOf(field: string, bytes: Uint8Array | undefined, most: number): string[] {
  const blocks = textOf(field, bytes, most).match(PEM) ?? [];
  if (blocks.length === 0 || blocks.some((block) => !/^-----BEGIN (X509 |TRUSTED )?CERTIFICATE-/.test(block)))
    throw notPem(field);
  return [...blocks];
}

function textOf(field: string, bytes: Uint8Array | undefined, most: number): string {
  if (bytes === undefined || bytes.length === 0) throw validation(`The ${field} must be given.`);
  if (bytes.length > most)
    throw validation(`The ${field} has ${bytes.length} bytes; it cannot have more than ${most}.`);
  return Buffer.from(bytes).toString('latin1');
}

function notPem(field: string) {
  return validation(`The ${field} is not PEM-encoded or is not valid.`);
}

function checkValidity({ validFrom, validTo }: X509Certificate, now: Instant): void {
  if (now < Date.parse(validFrom))
    throw validation(`The certificate is not in effect yet: it is valid from ${validFrom}.`);
  if (now > Date.parse(validTo)) throw validation(`The certificate has expired: it was valid to ${validTo}.`);
}

/** Each certificate of the chain must directly certify the one before it. Without a chain it must certify itself. */
function checkChain(certificate: X509Certificate, chain: readonly X509Certificate[]): void {
  if (chain.length === 0) {
    if (certifies(certificate, certificate)) return;
    throw validation(
      'Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain.',
    );
  }
  let previous = certificate;
  for (const [index, issuer] of chain.entries()) {
    if (!certifies(issuer, previous)) {
      throw validation(
        `Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: ${index}`,
      );
    }
    previous = issuer;
  }
}

function certifies(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.issuer === issuer.subject && subject.verify(issuer.publicKey);
}

function pemOf(certificate: X509Certificate): string {
  return certificate.toString();
}
