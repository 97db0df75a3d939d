import type * as Iam from '@aws-sdk/client-iam';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import * as providers from './api/oidc-providers.ts';
import type { IamState } from './state.ts';

export function oidcOperations(state: IamState): ServiceModule['operations'] {
  return {
    CreateOpenIDConnectProvider: operation<
      Iam.CreateOpenIDConnectProviderRequest,
      Iam.CreateOpenIDConnectProviderResponse
    >({
      accepts: ['Url', 'ClientIDList', 'ThumbprintList', 'Tags'],
      handler: (ctx, input) => providers.createOidcProvider(ctx, state, input),
    }),
    GetOpenIDConnectProvider: operation<
      Iam.GetOpenIDConnectProviderRequest,
      Iam.GetOpenIDConnectProviderResponse
    >({
      accepts: ['OpenIDConnectProviderArn'],
      handler: (_ctx, input) => providers.getOidcProvider(state, input),
    }),
    ListOpenIDConnectProviders: operation<
      Iam.ListOpenIDConnectProvidersRequest,
      Iam.ListOpenIDConnectProvidersResponse
    >({ accepts: [], handler: () => providers.listOidcProviders(state) }),
    DeleteOpenIDConnectProvider: operation<Iam.DeleteOpenIDConnectProviderRequest, object>({
      accepts: ['OpenIDConnectProviderArn'],
      handler: (_ctx, input) => providers.deleteOidcProvider(state, input),
    }),
    AddClientIDToOpenIDConnectProvider: operation<Iam.AddClientIDToOpenIDConnectProviderRequest, object>({
      accepts: ['OpenIDConnectProviderArn', 'ClientID'],
      handler: (_ctx, input) => providers.addClientId(state, input),
    }),
    RemoveClientIDFromOpenIDConnectProvider: operation<
      Iam.RemoveClientIDFromOpenIDConnectProviderRequest,
      object
    >({
      accepts: ['OpenIDConnectProviderArn', 'ClientID'],
      handler: (_ctx, input) => providers.removeClientId(state, input),
    }),
    UpdateOpenIDConnectProviderThumbprint: operation<
      Iam.UpdateOpenIDConnectProviderThumbprintRequest,
      object
    >({
      accepts: ['OpenIDConnectProviderArn', 'ThumbprintList'],
      handler: (_ctx, input) => providers.updateThumbprints(state, input),
    }),
    TagOpenIDConnectProvider: operation<Iam.TagOpenIDConnectProviderRequest, object>({
      accepts: ['OpenIDConnectProviderArn', 'Tags'],
      handler: (_ctx, input) => providers.tagOidcProvider(state, input),
    }),
    UntagOpenIDConnectProvider: operation<Iam.UntagOpenIDConnectProviderRequest, object>({
      accepts: ['OpenIDConnectProviderArn', 'TagKeys'],
      handler: (_ctx, input) => providers.untagOidcProvider(state, input),
    }),
    ListOpenIDConnectProviderTags: operation<
      Iam.ListOpenIDConnectProviderTagsRequest,
      Iam.ListOpenIDConnectProviderTagsResponse
    >({
      accepts: ['OpenIDConnectProviderArn', 'Marker', 'MaxItems'],
      handler: (_ctx, input) => providers.listOidcProviderTags(state, input),
    }),
  };
}
