import type {
  AddClientIDToOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderResponse,
  DeleteOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderResponse,
  ListOpenIDConnectProvidersResponse,
  ListOpenIDConnectProviderTagsRequest,
  ListOpenIDConnectProviderTagsResponse,
  RemoveClientIDFromOpenIDConnectProviderRequest,
  TagOpenIDConnectProviderRequest,
  UntagOpenIDConnectProviderRequest,
  UpdateOpenIDConnectProviderThumbprintRequest,
} from '@aws-sdk/client-iam';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { entityAlreadyExists, limitExceeded, noSuchEntity, validationError } from '../errors.ts';
import { toList, toRecord } from '../names.ts';
import type { IamState, OidcProvider } from '../state.ts';

// Confirmed by API text: at most 100 client ids, five thumbprints.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
const mostClientIds = 100;
const mostThumbprints = 5;

export function createOidcProvider(
  ctx: Context,
  state: IamState,
  input: CreateOpenIDConnectProviderRequest,
): CreateOpenIDConnectProviderResponse {
  const url = checkUrl(input.Url ?? '');
  const arn = ctx.arn('iam', `oidc-provider/${url.replace(/^https?:\/\//, '')}`, '');
  if (state.oidcProviders.has(arn)) throw entityAlreadyExists(`Provider with url ${url} already exists.`);
  const provider: OidcProvider = {
    arn,
    url,
    clientIds: checkClientIds(input.ClientIDList ?? []),
    thumbprints: checkThumbprints(input.ThumbprintList ?? []),
    created: ctx.now,
    tags: toRecord(input.Tags),
  };
  state.oidcProviders.put(arn, provider);
  return { OpenIDConnectProviderArn: arn, Tags: toList(provider.tags) };
}

export function getOidcProvider(
  state: IamState,
  input: GetOpenIDConnectProviderRequest,
): GetOpenIDConnectProviderResponse {
  const provider = find(state, input.OpenIDConnectProviderArn);
  return {
    // Confirmed by docs: given back without its scheme.
    Url: provider.url.replace(/^https?:\/\//, ''),
    ClientIDList: [...provider.clientIds],
    ThumbprintList: [...provider.thumbprints],
    CreateDate: toDate(provider.created),
    Tags: toList(provider.tags),
  };
}

export function listOidcProviders(state: IamState): ListOpenIDConnectProvidersResponse {
  return { OpenIDConnectProviderList: [...state.oidcProviders.values()].map(({ arn }) => ({ Arn: arn })) };
}

/** Deleting one that is not there succeeds, as on AWS. */
export function deleteOidcProvider(state: IamState, input: DeleteOpenIDConnectProviderRequest): object {
  state.oidcProviders.delete(input.OpenIDConnectProviderArn ?? '');
  return {};
}

export function addClientId(state: IamState, input: AddClientIDToOpenIDConnectProviderRequest): object {
  const provider = find(state, input.OpenIDConnectProviderArn);
  const clientIds = checkClientIds([...new Set([...provider.clientIds, input.ClientID ?? ''])]);
  state.oidcProviders.put(provider.arn, { ...provider, clientIds });
  return {};
}

export function removeClientId(
  state: IamState,
  input: RemoveClientIDFromOpenIDConnectProviderRequest,
): object {
  const provider = find(state, input.OpenIDConnectProviderArn);
  const clientIds = provider.clientIds.filter((id) => id !== input.ClientID);
  state.oidcProviders.put(provider.arn, { ...provider, clientIds });
  return {};
}

export function updateThumbprints(
  state: IamState,
  input: UpdateOpenIDConnectProviderThumbprintRequest,
): object {
  const provider = find(state, input.OpenIDConnectProviderArn);
  state.oidcProviders.put(provider.arn, {
    ...provider,
    thumbprints: checkThumbprints(input.ThumbprintList ?? []),
  });
  return {};
}

export function tagOidcProvider(state: IamState, input: TagOpenIDConnectProviderRequest): object {
  const provider = find(state, input.OpenIDConnectProviderArn);
  state.oidcProviders.put(provider.arn, {
    ...provider,
    tags: { ...provider.tags, ...toRecord(input.Tags) },
  });
  return {};
}

export function untagOidcProvider(state: IamState, input: UntagOpenIDConnectProviderRequest): object {
  const provider = find(state, input.OpenIDConnectProviderArn);
  const kept = toList(provider.tags).filter(({ Key }) => !(input.TagKeys ?? []).includes(Key));
  state.oidcProviders.put(provider.arn, { ...provider, tags: toRecord(kept) });
  return {};
}

export function listOidcProviderTags(
  state: IamState,
  input: ListOpenIDConnectProviderTagsRequest,
): ListOpenIDConnectProviderTagsResponse {
  return { Tags: toList(find(state, input.OpenIDConnectProviderArn).tags), IsTruncated: false };
}

function find(state: IamState, arn: string | undefined): OidcProvider {
  const provider = state.oidcProviders.get(arn ?? '');
  if (!provider) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn ?? ''}`);
  return provider;
}

/**
 * Confirmed by API text: the URL begins with https://, has no query and no port. Differs: an issuer on this machine, for
 * tests and rehearsals, may speak http on any port.
 */
function checkUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isLocal = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  const isPublic = url?.protocol === 'https:' && url.port === '';
  if (url && url.search === '' && url.hash === '' && (isPublic || isLocal)) return given.replace(/\/$/, '');
  throw validationError('Invalid Open ID Connect Provider URL');
}

function checkClientIds(clientIds: readonly string[]): readonly string[] {
  if (clientIds.length <= mostClientIds) return clientIds;
  throw limitExceeded(`Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${mostClientIds}`);
}

function checkThumbprints(thumbprints: readonly string[]): readonly string[] {
  if (thumbprints.length > mostThumbprints)
    throw validationError(`Thumbprint list must contain fewer than ${mostThumbprints} entries.`);
  const wrong = thumbprints.find((one) => !/^[0-9a-fA-F]{40}$/.test(one));
  if (wrong !== undefined)
    throw validationError(
      `1 validation error detected: Value '${wrong}' at 'thumbprintList' failed to satisfy constraint: Member must have length equal to 40`,
    );
  return thumbprints;
}
