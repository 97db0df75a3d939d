import type { KeyAlgorithm, KeyUsageName } from '@aws-sdk/client-acm';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { certificateNotFound, invalidArn } from './errors.ts';

export type Tags = Readonly<Record<string, string>>;

/** What a certificate says, read once when it is imported. */
export interface CertificateFacts {
  readonly domainName: string;
  readonly subjectAlternativeNames: readonly string[];
  readonly subject: string;
  readonly issuer: string;
  /** `0e:a0:…` */
  readonly serial: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly keyAlgorithm: KeyAlgorithm;
  readonly signatureAlgorithm: string;
  readonly keyUsages: readonly KeyUsageName[];
  /** By their object identifiers. */
  readonly extendedKeyUsages: readonly string[];
}

export interface CertificateRecord {
  readonly arn: string;
  readonly certificate: string;
  readonly certificateChain?: string;
  readonly facts: CertificateFacts;
  readonly createdAt: Instant;
  readonly importedAt: Instant;
  readonly tags: Tags;
}

export interface AcmState {
  readonly certificates: Table<CertificateRecord>;
  /** By the ARN, apart from what is described and listed. They never leave the region but for its load balancers. */
  readonly privateKeys: Table<{ readonly pem: string }>;
}

export function openAcm(tables: Tables): AcmState {
  return { certificates: tables.table('acm.certificates'), privateKeys: tables.table('acm.privateKeys') };
}

export function certificateOf(state: AcmState, arn: string | undefined): CertificateRecord {
  if (!/^arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:\d*:certificate\/[\w+=,.@-]+$/.test(arn ?? ''))
    throw invalidArn(arn);
  const found = state.certificates.get(arn ?? '');
  if (!found) throw certificateNotFound(arn ?? '');
  return found;
}
