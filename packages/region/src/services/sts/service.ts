import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { assumeRole, getCallerIdentity, getSessionToken } from './api.ts';
import { openSts, type StsState } from './state.ts';
import { assumeRoleWithWebIdentity, type WebIdentities } from './web-identity.ts';

/** AWS Security Token Service. Tokens of identity providers are taken where there is something that can check them. */
export function sts(dependencies: {
  readonly tables: Tables;
  readonly webIdentities?: WebIdentities;
}): ServiceModule {
  const state = openSts(dependencies.tables);
  return {
    name: 'sts',
    operations: {
      GetCallerIdentity: operation<GetCallerIdentityRequest, GetCallerIdentityResponse>({
        accepts: [],
        handler: getCallerIdentity,
      }),
      AssumeRole: operation<AssumeRoleRequest, AssumeRoleResponse>({
        accepts: [
          'RoleArn',
          'RoleSessionName',
          'DurationSeconds',
          'ExternalId',
          'Tags',
          'Policy',
          'PolicyArns',
        ],
        handler: (ctx, input) => assumeRole(ctx, state, input),
      }),
      GetSessionToken: operation<GetSessionTokenRequest, GetSessionTokenResponse>({
        accepts: ['DurationSeconds'],
        handler: (ctx, input) => getSessionToken(ctx, state, input),
      }),
      ...(dependencies.webIdentities && webIdentityOperations(state, dependencies.webIdentities)),
    },
  };
}

function webIdentityOperations(state: StsState, identities: WebIdentities): ServiceModule['operations'] {
  return {
    AssumeRoleWithWebIdentity: operation<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse>(
      {
        accepts: [
          'RoleArn',
          'RoleSessionName',
          'WebIdentityToken',
          'DurationSeconds',
          'Policy',
          'PolicyArns',
        ],
        handler: (ctx, input) => assumeRoleWithWebIdentity(ctx, state, identities, input),
      },
    ),
  };
}
