import { type Ask, arnOf, on, onAnything, type ServiceAccess, textOf } from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openAcm } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html */
export function acmAccess(tables: Tables): ServiceAccess {
  const state = openAcm(tables);
  // Known: a new certificate is `certificate/*` in denials.
  const aboutCertificate = on(
    (ask: Ask) => textOf(ask, 'CertificateArn') || arnOf(ask, 'acm', 'certificate/*'),
  );
  return {
    prefix: 'acm',
    tagsOf: (arn) => state.certificates.get(arn)?.tags,
    operations: {
      ImportCertificate: aboutCertificate,
      DescribeCertificate: aboutCertificate,
      GetCertificate: aboutCertificate,
      ListCertificates: onAnything,
      DeleteCertificate: aboutCertificate,
      AddTagsToCertificate: aboutCertificate,
      RemoveTagsFromCertificate: aboutCertificate,
      ListTagsForCertificate: aboutCertificate,
    },
  };
}
