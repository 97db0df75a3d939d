import type * as Acm from '@aws-sdk/client-acm';
import type { Context } from '../../../kernel/context.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { statusOf, summaryOf, usageName } from '../descriptions.ts';
import { invalidParameter, validation } from '../errors.ts';
import type { CertificateUses } from '../ports.ts';
import type { AcmState, CertificateRecord } from '../state.ts';

const MAX_ITEMS = 1000;

export function listCertificates(
  ctx: Context,
  state: AcmState,
  uses: CertificateUses,
  input: Acm.ListCertificatesRequest,
): Acm.ListCertificatesResponse {
  if ((input.SortBy === undefined) !== (input.SortOrder === undefined))
    throw invalidParameter('SortBy and SortOrder must be specified together.');
  const size = input.MaxItems ?? MAX_ITEMS;
  if (size < 1 || size > MAX_ITEMS)
    throw validation(`MaxItems '${size}' must be between 1 and ${MAX_ITEMS}.`);
  const found = state.certificates.filter((certificate) => isListed(certificate, input, ctx.now));
  if (input.SortOrder === 'DESCENDING') found.reverse();
  const start =
    input.NextToken === undefined ? 0 : found.findIndex(({ arn }) => arn === opened(input.NextToken));
  if (start < 0) throw validation(`The NextToken '${input.NextToken}' is not valid.`);
  const next = found[start + size];
  return {
    CertificateSummaryList: found
      .slice(start, start + size)
      .map((certificate) => summaryOf(certificate, uses(certificate.arn).length > 0, ctx.now)),
    ...(next && { NextToken: Buffer.from(next.arn).toString('base64url') }),
  };
}

function opened(token: string | undefined): string {
  return Buffer.from(token ?? '', 'base64url').toString();
}

function isListed(certificate: CertificateRecord, input: Acm.ListCertificatesRequest, now: Instant): boolean {
  const { facts } = certificate;
  const { keyTypes, keyUsage, extendedKeyUsage, exportOption, managedBy } = input.Includes ?? {};
  // Confirmed by docs: without a filter only certificates with keys of RSA_1024 and RSA_2048 are listed.
  // https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html
  if (!(keyTypes ?? ['RSA_1024', 'RSA_2048']).includes(facts.keyAlgorithm)) return false;
  if (keyUsage && !keyUsage.some((usage) => facts.keyUsages.includes(usage))) return false;
  if (
    extendedKeyUsage &&
    !extendedKeyUsage.some((usage) => facts.extendedKeyUsages.map(usageName).includes(usage))
  )
    return false;
  // Imported certificates are exported by nobody and managed by no service.
  if (exportOption === 'ENABLED' || managedBy !== undefined) return false;
  const origins = input.CertificateKeyPairOrigins;
  if (origins && !origins.includes('CUSTOMER_PROVIDED')) return false;
  return input.CertificateStatuses?.includes(statusOf(certificate, now)) ?? true;
}
