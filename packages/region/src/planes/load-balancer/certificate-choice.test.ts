import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TlsCertificate } from '../../services/elbv2/ports.ts';
import { certificateFor } from './certificate-choice.ts';

function certificate(
  certificateArn: string,
  names: readonly string[],
  more: Partial<TlsCertificate> = {},
): TlsCertificate {
  return {
    certificateArn,
    certificate: '',
    privateKey: '',
    names,
    keyAlgorithm: 'RSA_2048',
    signatureAlgorithm: 'SHA256WITHRSA',
    notBefore: 0,
    notAfter: 0,
    ...more,
  };
}

const main = certificate('default', ['www.example.com']);
const wildcard = certificate('wildcard', ['*.example.com']);
const ec = { keyAlgorithm: 'EC_prime256v1', signatureAlgorithm: 'SHA256WITHECDSA' };

const hello = { cipherSuites: [0xc02b, 0xc02f], signatureSchemes: [0x0403, 0x0804], knowsTls13: true };
const named = (serverName: string | undefined) => ({ ...hello, serverName });

const rows: readonly (readonly [string, readonly TlsCertificate[], string | undefined, string])[] = [
  ['no name', [wildcard], undefined, 'default'],
  ['a name that none has', [wildcard], 'other.org', 'default'],
  ['the name of one', [certificate('a', ['a.example.org'])], 'a.example.org', 'a'],
  ['in other letters, with a dot at its end', [certificate('a', ['A.example.org'])], 'a.EXAMPLE.org.', 'a'],
  ['a label in the place of the wildcard', [wildcard], 'a.example.com', 'wildcard'],
  ['two labels in its place', [wildcard], 'a.b.example.com', 'default'],
  ['no label in its place', [wildcard], 'example.com', 'default'],
  ['ECDSA over RSA', [certificate('ec', ['www.example.com'], ec)], 'www.example.com', 'ec'],
  [
    'the better hash',
    [certificate('sha384', ['www.example.com'], { signatureAlgorithm: 'SHA384WITHRSA' })],
    'www.example.com',
    'sha384',
  ],
  [
    'MD5 is not better than SHA',
    [certificate('md5', ['www.example.com'], { signatureAlgorithm: 'MD5WITHRSA' })],
    'www.example.com',
    'default',
  ],
  [
    'the longer key',
    [certificate('4096', ['www.example.com'], { keyAlgorithm: 'RSA_4096' })],
    'www.example.com',
    '4096',
  ],
  ['the later end', [certificate('later', ['www.example.com'], { notAfter: 1 })], 'www.example.com', 'later'],
];

for (const [what, certificates, name, expected] of rows) {
  test(`the certificate of a client that asks for ${name ?? 'nothing'}: ${what}`, () => {
    const chosen = certificateFor({ defaultCertificate: main, certificates }, named(name));
    assert.equal(chosen.certificateArn, expected);
  });
}

const asked = named('www.example.com');
for (const [what, client, expected] of [
  ['verifies ECDSA', asked, 'ec'],
  ['verifies RSA only', { ...asked, signatureSchemes: [0x0804] }, 'default'],
  ['verifies ECDSA on another curve', { ...asked, signatureSchemes: [0x0503, 0x0804] }, 'default'],
  [
    'has no cipher for ECDSA, and no TLS 1.3',
    { ...asked, cipherSuites: [0xc02f], knowsTls13: false },
    'default',
  ],
  [
    'is older than TLS 1.2',
    { ...asked, cipherSuites: [0xc009], signatureSchemes: undefined, knowsTls13: false },
    'ec',
  ],
] as const) {
  test(`of certificates for one name, a client that ${what} gets ${expected}`, () => {
    const certificates = [certificate('ec', ['www.example.com'], ec)];
    assert.equal(certificateFor({ defaultCertificate: main, certificates }, client).certificateArn, expected);
  });
}

test('where the only certificate of a name cannot be verified, the handshake has to tell', () => {
  const certificates = [certificate('ec', ['ec.example.org'], ec)];
  const client = { ...named('ec.example.org'), signatureSchemes: [0x0804] };
  assert.equal(certificateFor({ defaultCertificate: main, certificates }, client).certificateArn, 'ec');
});

test('a client whose first words could not be read gets the default certificate', () => {
  assert.equal(certificateFor({ defaultCertificate: main, certificates: [wildcard] }, undefined), main);
});
