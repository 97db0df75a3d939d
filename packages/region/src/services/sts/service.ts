import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
} from '@aws-sdk/client-sts';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { assumeRole, getCallerIdentity } from './api.ts';
import { openSts } from './state.ts';

/** AWS Security Token Service. */
export function sts(dependencies: { readonly tables: Tables }): ServiceModule {
  const state = openSts(dependencies.tables);
  return {
    name: 'sts',
    operations: {
      GetCallerIdentity: operation<GetCallerIdentityRequest, GetCallerIdentityResponse>({
        accepts: [],
        handler: getCallerIdentity,
      }),
      AssumeRole: operation<AssumeRoleRequest, AssumeRoleResponse>({
        accepts: ['RoleArn', 'RoleSessionName', 'DurationSeconds'],
        ignores: {
          ExternalId: 'trust policies are not evaluated yet',
          Tags: 'session tags are not evaluated yet',
          Policy: 'session policies are not evaluated yet',
          PolicyArns: 'session policies are not evaluated yet',
        },
        handler: (ctx, input) => assumeRole(ctx, state, input),
      }),
    },
  };
}
