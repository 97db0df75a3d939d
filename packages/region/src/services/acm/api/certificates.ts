import type * as Acm from '@aws-sdk/client-acm';
import type { Context } from '../../../kernel/context.ts';
import { detailOf } from '../descriptions.ts';
import { certificateInUse, invalidParameter } from '../errors.ts';
import { checkImport } from '../import-checks.ts';
import type { CertificateUses } from '../ports.ts';
import { type AcmState, type CertificateFacts, type CertificateRecord, certificateOf } from '../state.ts';
import { withTags } from '../tags.ts';

/** Imports a certificate, or takes another one in the place of an imported one, which keeps its ARN and its users. */
export function importCertificate(
  ctx: Context,
  state: AcmState,
  input: Acm.ImportCertificateRequest,
): Acm.ImportCertificateResponse {
  const known = input.CertificateArn === undefined ? undefined : certificateOf(state, input.CertificateArn);
  // Confirmed by docs: tags cannot be applied when a certificate is imported again.
  if (known && (input.Tags ?? []).length > 0)
    throw invalidParameter('Tags cannot be applied when a certificate is imported again.');
  const { privateKey, certificate, certificateChain, facts } = checkImport(input, ctx.now);
  if (known) refuseAddedUsage(known.facts, facts);
  const record: CertificateRecord = {
    arn: known?.arn ?? ctx.arn('acm', `certificate/${ctx.random.uuid()}`),
    certificate,
    ...(certificateChain !== undefined && { certificateChain }),
    facts,
    createdAt: known?.createdAt ?? ctx.now,
    importedAt: ctx.now,
    tags: known?.tags ?? withTags({}, input.Tags),
  };
  state.certificates.put(record.arn, record);
  state.privateKeys.put(record.arn, { pem: privateKey });
  return { CertificateArn: record.arn };
}

/**
 * Confirmed by docs: usage extensions cannot be added to a certificate that had none.
 * https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html
 */
function refuseAddedUsage(before: CertificateFacts, now: CertificateFacts): void {
  for (const [name, had, has] of [
    ['KeyUsage', before.keyUsages, now.keyUsages],
    ['ExtendedKeyUsage', before.extendedKeyUsages, now.extendedKeyUsages],
  ] as const) {
    if (had.length === 0 && has.length > 0) {
      throw invalidParameter(
        `The extension ${name} cannot be added: the certificate that was imported before has none.`,
      );
    }
  }
}

export function describeCertificate(
  ctx: Context,
  state: AcmState,
  uses: CertificateUses,
  { CertificateArn }: Acm.DescribeCertificateRequest,
): Acm.DescribeCertificateResponse {
  const certificate = certificateOf(state, CertificateArn);
  return { Certificate: detailOf(certificate, uses(certificate.arn), ctx.now) };
}

export function getCertificate(
  _ctx: Context,
  state: AcmState,
  { CertificateArn }: Acm.GetCertificateRequest,
): Acm.GetCertificateResponse {
  const { certificate, certificateChain } = certificateOf(state, CertificateArn);
  return {
    Certificate: certificate,
    ...(certificateChain !== undefined && { CertificateChain: certificateChain }),
  };
}

export function deleteCertificate(
  ctx: Context,
  state: AcmState,
  uses: CertificateUses,
  { CertificateArn }: Acm.DeleteCertificateRequest,
): object {
  const { arn } = certificateOf(state, CertificateArn);
  if (uses(arn).length > 0) throw certificateInUse(arn, ctx.accountId);
  state.certificates.delete(arn);
  state.privateKeys.delete(arn);
  return {};
}
