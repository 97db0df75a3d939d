/** Certificates as they are described and listed. */
import type * as Acm from '@aws-sdk/client-acm';
import { type Instant, toDate } from '../../kernel/instant.ts';
import type { CertificateRecord } from './state.ts';

export function detailOf(
  { arn, facts, createdAt, importedAt }: CertificateRecord,
  usedBy: readonly string[],
  now: Instant,
): Acm.CertificateDetail {
  return {
    CertificateArn: arn,
    DomainName: facts.domainName,
    SubjectAlternativeNames: [...facts.subjectAlternativeNames],
    Serial: facts.serial,
    Subject: facts.subject,
    Issuer: facts.issuer,
    CreatedAt: toDate(createdAt),
    ImportedAt: toDate(importedAt),
    Status: statusOf({ facts }, now),
    NotBefore: toDate(facts.notBefore),
    NotAfter: toDate(facts.notAfter),
    KeyAlgorithm: facts.keyAlgorithm,
    SignatureAlgorithm: facts.signatureAlgorithm,
    InUseBy: [...usedBy],
    Type: 'IMPORTED',
    KeyUsages: facts.keyUsages.map((Name) => ({ Name })),
    ExtendedKeyUsages: facts.extendedKeyUsages.map((OID) => ({ Name: usageName(OID), OID })),
    RenewalEligibility: 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'DISABLED' },
    CertificateKeyPairOrigin: 'CUSTOMER_PROVIDED',
  };
}

/** Confirmed by docs: 100 names are shown. */
const MAX_NAMES = 100;

export function summaryOf(
  { arn, facts, createdAt, importedAt }: CertificateRecord,
  isUsed: boolean,
  now: Instant,
): Acm.CertificateSummary {
  return {
    CertificateArn: arn,
    DomainName: facts.domainName,
    SubjectAlternativeNameSummaries: facts.subjectAlternativeNames.slice(0, MAX_NAMES),
    HasAdditionalSubjectAlternativeNames: facts.subjectAlternativeNames.length > MAX_NAMES,
    Status: statusOf({ facts }, now),
    Type: 'IMPORTED',
    KeyAlgorithm: facts.keyAlgorithm,
    KeyUsages: [...facts.keyUsages],
    ExtendedKeyUsages: facts.extendedKeyUsages.map(usageName),
    InUse: isUsed,
    RenewalEligibility: 'INELIGIBLE',
    NotBefore: toDate(facts.notBefore),
    NotAfter: toDate(facts.notAfter),
    CreatedAt: toDate(createdAt),
    ImportedAt: toDate(importedAt),
    CertificateKeyPairOrigin: 'CUSTOMER_PROVIDED',
  };
}

export function statusOf({ facts }: Pick<CertificateRecord, 'facts'>, now: Instant): 'ISSUED' | 'EXPIRED' {
  return now > facts.notAfter ? 'EXPIRED' : 'ISSUED';
}

export function usageName(oid: string): Acm.ExtendedKeyUsageName {
  return usageNames[oid] ?? 'CUSTOM';
}

const usageNames: Readonly<Record<string, Acm.ExtendedKeyUsageName>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.5': 'IPSEC_END_SYSTEM',
  '1.3.6.1.5.5.7.3.6': 'IPSEC_TUNNEL',
  '1.3.6.1.5.5.7.3.7': 'IPSEC_USER',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
  '2.5.29.37.0': 'ANY',
};
