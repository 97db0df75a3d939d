import type * as Acm from '@aws-sdk/client-acm';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { loadBalancersWithCertificate } from '../elbv2/views.ts';
import * as certificates from './api/certificates.ts';
import { listCertificates } from './api/list.ts';
import * as tags from './api/tags.ts';
import { openAcm } from './state.ts';

/** AWS Certificate Manager: imported certificates, which the region's load balancers use. */
export function acm({ tables }: { readonly tables: Tables }): ServiceModule {
  const state = openAcm(tables);
  const uses = (arn: string): readonly string[] => loadBalancersWithCertificate(tables, arn);
  return {
    name: 'acm',
    operations: {
      ImportCertificate: operation<Acm.ImportCertificateRequest, Acm.ImportCertificateResponse>({
        accepts: ['CertificateArn', 'Certificate', 'PrivateKey', 'CertificateChain', 'Tags'],
        handler: (ctx, input) => certificates.importCertificate(ctx, state, input),
      }),
      DescribeCertificate: operation<Acm.DescribeCertificateRequest, Acm.DescribeCertificateResponse>({
        accepts: ['CertificateArn'],
        handler: (ctx, input) => certificates.describeCertificate(ctx, state, uses, input),
      }),
      GetCertificate: operation<Acm.GetCertificateRequest, Acm.GetCertificateResponse>({
        accepts: ['CertificateArn'],
        handler: (ctx, input) => certificates.getCertificate(ctx, state, input),
      }),
      ListCertificates: operation<Acm.ListCertificatesRequest, Acm.ListCertificatesResponse>({
        accepts: [
          'CertificateStatuses',
          'CertificateKeyPairOrigins',
          'Includes',
          'NextToken',
          'MaxItems',
          'SortBy',
          'SortOrder',
        ],
        handler: (ctx, input) => listCertificates(ctx, state, uses, input),
      }),
      DeleteCertificate: operation<Acm.DeleteCertificateRequest, object>({
        accepts: ['CertificateArn'],
        handler: (ctx, input) => certificates.deleteCertificate(ctx, state, uses, input),
      }),
      AddTagsToCertificate: operation<Acm.AddTagsToCertificateRequest, object>({
        accepts: ['CertificateArn', 'Tags'],
        handler: (ctx, input) => tags.addTagsToCertificate(ctx, state, input),
      }),
      RemoveTagsFromCertificate: operation<Acm.RemoveTagsFromCertificateRequest, object>({
        accepts: ['CertificateArn', 'Tags'],
        handler: (ctx, input) => tags.removeTagsFromCertificate(ctx, state, input),
      }),
      ListTagsForCertificate: operation<
        Acm.ListTagsForCertificateRequest,
        Acm.ListTagsForCertificateResponse
      >({
        accepts: ['CertificateArn'],
        handler: (ctx, input) => tags.listTagsForCertificate(ctx, state, input),
      }),
    },
  };
}
