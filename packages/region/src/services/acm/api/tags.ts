import type * as Acm from '@aws-sdk/client-acm';
import type { Context } from '../../../kernel/context.ts';
import { type AcmState, certificateOf } from '../state.ts';
import { listTags, withoutTags, withTags } from '../tags.ts';

export function addTagsToCertificate(
  _ctx: Context,
  state: AcmState,
  { CertificateArn, Tags }: Acm.AddTagsToCertificateRequest,
): object {
  const certificate = certificateOf(state, CertificateArn);
  state.certificates.put(certificate.arn, { ...certificate, tags: withTags(certificate.tags, Tags) });
  return {};
}

export function removeTagsFromCertificate(
  _ctx: Context,
  state: AcmState,
  { CertificateArn, Tags = [] }: Acm.RemoveTagsFromCertificateRequest,
): object {
  const certificate = certificateOf(state, CertificateArn);
  state.certificates.put(certificate.arn, { ...certificate, tags: withoutTags(certificate.tags, Tags) });
  return {};
}

export function listTagsForCertificate(
  _ctx: Context,
  state: AcmState,
  { CertificateArn }: Acm.ListTagsForCertificateRequest,
): Acm.ListTagsForCertificateResponse {
  return { Tags: listTags(certificateOf(state, CertificateArn).tags) };
}
