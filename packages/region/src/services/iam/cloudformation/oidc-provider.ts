import {
  deployedTagKeys,
  listOf,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

interface OidcProviderProperties {
  readonly Url: string;
  readonly ClientIdList?: readonly string[];
  readonly ThumbprintList?: readonly string[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-oidcprovider.html
export const oidcProviderType: ResourceType = {
  name: 'AWS::IAM::OIDCProvider',
  properties: {
    Url: required(replaces(text)),
    ClientIdList: listOf(text),
    ThumbprintList: listOf(text),
    Tags: tags,
  },

  create(ctx, properties) {
    const provider = properties as unknown as OidcProviderProperties;
    const { OpenIDConnectProviderArn } = ctx.call('iam', 'createOpenIDConnectProvider', {
      Url: provider.Url,
      ClientIDList: [...(provider.ClientIdList ?? [])],
      ThumbprintList: [...(provider.ThumbprintList ?? [])],
      Tags: [...ctx.stackTags, ...(provider.Tags ?? [])],
    });
    return { physicalId: OpenIDConnectProviderArn ?? '' };
  },

  update(ctx, resource, next) {
    const { physicalId: OpenIDConnectProviderArn, properties } = resource;
    const before = properties as unknown as OidcProviderProperties;
    const provider = next as unknown as OidcProviderProperties;
    setClientIds(ctx, OpenIDConnectProviderArn, before.ClientIdList ?? [], provider.ClientIdList ?? []);
    ctx.call('iam', 'updateOpenIDConnectProviderThumbprint', {
      OpenIDConnectProviderArn,
      ThumbprintList: [...(provider.ThumbprintList ?? [])],
    });
    ctx.call('iam', 'untagOpenIDConnectProvider', {
      OpenIDConnectProviderArn,
      TagKeys: [...deployedTagKeys(resource)],
    });
    ctx.call('iam', 'tagOpenIDConnectProvider', {
      OpenIDConnectProviderArn,
      Tags: [...ctx.stackTags, ...(provider.Tags ?? [])],
    });
  },

  delete(ctx, { physicalId: OpenIDConnectProviderArn }) {
    ignoreMissing(() => ctx.call('iam', 'deleteOpenIDConnectProvider', { OpenIDConnectProviderArn }));
  },

  read(ctx, { physicalId: OpenIDConnectProviderArn }) {
    const { Url, ClientIDList, ThumbprintList, Tags } = ctx.call('iam', 'getOpenIDConnectProvider', {
      OpenIDConnectProviderArn,
    });
    // Confirmed by docs: answered without the scheme that it was given with.
    return { Url: `https://${Url}`, ClientIdList: ClientIDList, ThumbprintList, Tags };
  },

  attributes: (_ctx, { physicalId }) => ({ Arn: physicalId }),
};

function setClientIds(
  ctx: ResourceContext,
  OpenIDConnectProviderArn: string,
  before: readonly string[],
  after: readonly string[],
): void {
  for (const ClientID of before.filter((id) => !after.includes(id)))
    ctx.call('iam', 'removeClientIDFromOpenIDConnectProvider', { OpenIDConnectProviderArn, ClientID });
  for (const ClientID of after.filter((id) => !before.includes(id)))
    ctx.call('iam', 'addClientIDToOpenIDConnectProvider', { OpenIDConnectProviderArn, ClientID });
}
