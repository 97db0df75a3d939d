import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import {
  type CertificateOptions,
  type TestCertificate,
  testCertificate,
} from '../../testing/certificates.ts';
import { type TestRegion, testRegion } from '../../testing/test-region.ts';
import { acm } from './service.ts';

const region = () => testRegion((tables) => [acm({ tables })]);
const bytes = (text: string) => Buffer.from(text);

function given(certificate: TestCertificate, chain: readonly TestCertificate[] = []) {
  return {
    Certificate: bytes(certificate.certificate),
    PrivateKey: bytes(certificate.privateKey),
    ...(chain.length > 0 && { CertificateChain: bytes(chain.map((one) => one.certificate).join('')) }),
  };
}

async function imported({ call }: TestRegion, options: CertificateOptions = {}) {
  const { CertificateArn = '' } = await call('acm', 'importCertificate', given(testCertificate(options)));
  return CertificateArn;
}

test('an imported certificate is described by what it says', async () => {
  const world = region();
  const CertificateArn = await imported(world, {
    commonName: 'www.example.com',
    names: ['www.example.com', '*.example.org', '127.0.0.1'],
    usages: true,
  });
  assert.match(CertificateArn, /^arn:aws:acm:eu-central-1:000000000000:certificate\/[0-9a-f-]{36}$/);
  const { Certificate } = await world.call('acm', 'describeCertificate', { CertificateArn });
  const { Serial, ...rest } = Certificate ?? {};
  assert.match(Serial ?? '', /^11(:[0-9a-f]{2}){15}$/);
  const at = new Date('2026-11-22T12:00:00Z');
  assert.deepEqual(rest, {
    CertificateArn,
    DomainName: 'www.example.com',
    SubjectAlternativeNames: ['www.example.com', '*.example.org', '127.0.0.1'],
    Subject: 'O=Example Company, CN=www.example.com',
    Issuer: 'Example Company',
    CreatedAt: at,
    ImportedAt: at,
    Status: 'ISSUED',
    NotBefore: new Date('2020-01-01T00:00:00Z'),
    NotAfter: new Date('2049-01-01T00:00:00Z'),
    KeyAlgorithm: 'EC_prime256v1',
    SignatureAlgorithm: 'SHA256WITHECDSA',
    InUseBy: [],
    Type: 'IMPORTED',
    KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
    ExtendedKeyUsages: [{ Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }],
    RenewalEligibility: 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'DISABLED' },
    CertificateKeyPairOrigin: 'CUSTOMER_PROVIDED',
  });
});

test('certificate and chain are given back, the private key never', async () => {
  const world = region();
  const root = testCertificate({ commonName: 'Root', isCa: true });
  const middle = testCertificate({ commonName: 'Middle', isCa: true, issuer: root });
  const leaf = testCertificate({ names: ['a.example.com'], issuer: middle });
  const { CertificateArn = '' } = await world.call('acm', 'importCertificate', given(leaf, [middle, root]));
  const got = await world.call('acm', 'getCertificate', { CertificateArn });
  assert.equal(got.Certificate, leaf.certificate);
  assert.equal(got.CertificateChain, middle.certificate + root.certificate);
  const answers = [
    got,
    await world.call('acm', 'describeCertificate', { CertificateArn }),
    await world.call('acm', 'listCertificates', { Includes: { keyTypes: ['EC_prime256v1'] } }),
  ];
  assert.doesNotMatch(JSON.stringify([answers, world.messages]), /PRIVATE KEY/);
});

const key = testCertificate();
const other = testCertificate({ names: ['other.example.com'] });
const ca = testCertificate({ commonName: 'Root', isCa: true });
const signed = testCertificate({ names: ['a.example.com'], issuer: ca });
const encrypted = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
}).privateKey;

const refusals: readonly (readonly [string, object, RegExp])[] = [
  [
    'the key of another certificate',
    { ...given(key), PrivateKey: bytes(other.privateKey) },
    /does not match/,
  ],
  ['no key', { Certificate: bytes(key.certificate) }, /private key must be given/],
  ['a key that is none', { ...given(key), PrivateKey: bytes('x') }, /private key is not PEM-encoded/],
  ['an encrypted key', { ...given(key), PrivateKey: bytes(encrypted) }, /must not be encrypted/],
  [
    'a key of more than 5 KB',
    { ...given(key), PrivateKey: bytes(key.privateKey + ' '.repeat(5120)) },
    /cannot have more than 5120/,
  ],
  [
    'a certificate that is none',
    { ...given(key), Certificate: bytes('x') },
    /certificate is not PEM-encoded/,
  ],
  [
    'two certificates',
    { ...given(key), Certificate: bytes(key.certificate + other.certificate) },
    /^AwsError: The certificate field contains more than one certificate/,
  ],
  ['an expired certificate', given(testCertificate({ validTo: '2026-11-22T11:59:59Z' })), /has expired/],
  [
    'one that is not valid yet',
    given(testCertificate({ validFrom: '2026-11-22T12:00:01Z' })),
    /not in effect yet/,
  ],
  ['a key algorithm that ACM does not know', given(testCertificate({ keyType: 'ed25519' })), /not supported/],
  ['one of a CA, without its chain', given(signed), /not a valid self signed/],
  [
    'the chain of another CA',
    given(signed, [other]),
    /index within the chain of the invalid certificate is: 0/,
  ],
  ['a chain in the wrong order', given(signed, [ca, other]), /invalid certificate is: 1/],
];

for (const [what, input, message] of refusals) {
  test(`an import is refused: ${what}`, async () => {
    const world = region();
    await assert.rejects(world.call('acm', 'importCertificate', input as never), (error: Error) => {
      assert.match(String(error), message);
      assert.equal((error as unknown as { code: string }).code, 'ValidationException');
      return true;
    });
    assert.deepEqual(world.commits.flat(), []);
  });
}

test('a certificate that is imported again keeps its ARN and its tags', async () => {
  const { call, advance } = region();
  const { CertificateArn = '' } = await call('acm', 'importCertificate', {
    ...given(testCertificate({ names: ['a.example.com'] })),
    Tags: [{ Key: 'team', Value: 'web' }],
  });
  await advance(60);
  const again = testCertificate({ names: ['b.example.com'] });
  assert.deepEqual(await call('acm', 'importCertificate', { CertificateArn, ...given(again) }), {
    CertificateArn,
  });
  const { Certificate } = await call('acm', 'describeCertificate', { CertificateArn });
  assert.equal(Certificate?.DomainName, 'b.example.com');
  assert.equal(Number(Certificate?.ImportedAt) - Number(Certificate?.CreatedAt), 60_000);
  assert.deepEqual((await call('acm', 'listTagsForCertificate', { CertificateArn })).Tags, [
    { Key: 'team', Value: 'web' },
  ]);
  await assert.rejects(
    call('acm', 'importCertificate', { CertificateArn, ...given(again), Tags: [{ Key: 'a', Value: 'b' }] }),
    { code: 'InvalidParameterException' },
  );
  await assert.rejects(
    call('acm', 'importCertificate', { CertificateArn, ...given(testCertificate({ usages: true })) }),
    { code: 'InvalidParameterException', message: /KeyUsage cannot be added/ },
  );
});

test('lists hold RSA keys up to 2048 bits unless others are asked for, by pages', async () => {
  const world = region();
  const rsa = await imported(world, { keyType: 'rsa' });
  const more = await imported(world, { keyType: 'rsa' });
  const ec = await imported(world, { keyType: 'ec384', usages: true });
  const listed = async (input: object) =>
    ((await world.call('acm', 'listCertificates', input)).CertificateSummaryList ?? []).map(
      ({ CertificateArn }) => CertificateArn,
    );
  assert.deepEqual(await listed({}), [rsa, more]);
  assert.deepEqual(await listed({ SortBy: 'CREATED_AT', SortOrder: 'DESCENDING' }), [more, rsa]);
  assert.deepEqual(await listed({ Includes: { keyTypes: ['EC_secp384r1'] } }), [ec]);
  assert.deepEqual(await listed({ Includes: { keyTypes: ['EC_secp384r1'], keyUsage: ['CRL_SIGNING'] } }), []);
  assert.deepEqual(await listed({ CertificateStatuses: ['EXPIRED'] }), []);
  const { NextToken } = await world.call('acm', 'listCertificates', { MaxItems: 1 });
  assert.deepEqual(await listed({ MaxItems: 1, NextToken }), [more]);
  await assert.rejects(world.call('acm', 'listCertificates', { SortBy: 'CREATED_AT' }), {
    code: 'InvalidParameterException',
  });
});

test('a certificate expires on the clock of the region', async () => {
  const world = region();
  const CertificateArn = await imported(world, { validTo: '2026-11-22T12:00:30Z' });
  await world.advance(31);
  const { Certificate } = await world.call('acm', 'describeCertificate', { CertificateArn });
  assert.equal(Certificate?.Status, 'EXPIRED');
});

test('tags are added, and taken away by key or by key and value', async () => {
  const world = region();
  const CertificateArn = await imported(world);
  const tags = async () =>
    ((await world.call('acm', 'listTagsForCertificate', { CertificateArn })).Tags ?? []).map(
      ({ Key }) => Key,
    );
  await world.call('acm', 'addTagsToCertificate', {
    CertificateArn,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  });
  await world.call('acm', 'removeTagsFromCertificate', { CertificateArn, Tags: [{ Key: 'a', Value: 'x' }] });
  assert.deepEqual(await tags(), ['a', 'b']);
  await world.call('acm', 'removeTagsFromCertificate', {
    CertificateArn,
    Tags: [{ Key: 'a' }, { Key: 'b', Value: '2' }],
  });
  assert.deepEqual(await tags(), []);
  await assert.rejects(
    world.call('acm', 'addTagsToCertificate', { CertificateArn, Tags: [{ Key: 'aws:x', Value: '' }] }),
    { code: 'InvalidTagException' },
  );
});

test('a deleted certificate is gone, with its key', async () => {
  const world = region();
  const CertificateArn = await imported(world);
  await world.call('acm', 'deleteCertificate', { CertificateArn });
  for (const operation of ['describeCertificate', 'getCertificate', 'deleteCertificate'] as const) {
    await assert.rejects(world.call('acm', operation, { CertificateArn }), {
      code: 'ResourceNotFoundException',
      message: `Could not find certificate ${CertificateArn}.`,
    });
  }
  assert.equal(world.tables.table('acm.privateKeys').size, 0);
  await assert.rejects(world.call('acm', 'describeCertificate', { CertificateArn: 'x' }), {
    code: 'InvalidArnException',
  });
});

test('what is not modelled is refused by its name', async () => {
  await assert.rejects(region().call('acm', 'requestCertificate', { DomainName: 'a.example.com' }), {
    code: 'NotModelled',
    message: /^acm RequestCertificate is not modelled/,
  });
});
