import type { Cluster, CreateClusterRequest, PutClusterCapacityProvidersRequest } from '@aws-sdk/client-ecs';
import { AwsError } from '../../../kernel/aws-error.ts';
import {
  flag,
  integer,
  listOf,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { inApiCase, inTemplateCase, retag, tagsOf } from './property-case.ts';

const strategy = listOf(object({ CapacityProvider: text, Base: integer, Weight: integer }));

/** AWS::ECS::Cluster. `Ref` gives its name. */
export const clusterType: ResourceType = {
  name: 'AWS::ECS::Cluster',
  properties: {
    ClusterName: replaces(text),
    ClusterSettings: listOf(object({ Name: text, Value: text })),
    Configuration: object({
      ExecuteCommandConfiguration: object({
        KmsKeyId: text,
        Logging: text,
        LogConfiguration: object({
          CloudWatchEncryptionEnabled: flag,
          CloudWatchLogGroupName: text,
          S3BucketName: text,
          S3EncryptionEnabled: flag,
          S3KeyPrefix: text,
        }),
      }),
    }),
    CapacityProviders: listOf(text),
    DefaultCapacityProviderStrategy: strategy,
    Tags: tags,
  },
  create: (ctx, properties) => {
    const clusterName = (properties['ClusterName'] as string | undefined) ?? ctx.generateName(255);
    refuseExisting(ctx, clusterName);
    ctx.call('ecs', 'createCluster', {
      ...clusterRequest(properties),
      clusterName,
      tags: tagsOf(ctx, properties['Tags']),
    });
    return { physicalId: clusterName };
  },
  update: (ctx, { physicalId }, properties) => {
    const {
      settings,
      configuration,
      capacityProviders = [],
      defaultCapacityProviderStrategy = [],
    } = clusterRequest(properties);
    ctx.call('ecs', 'updateCluster', {
      cluster: physicalId,
      ...(settings ? { settings } : {}),
      ...(configuration ? { configuration } : {}),
    });
    ctx.call('ecs', 'putClusterCapacityProviders', {
      cluster: physicalId,
      capacityProviders,
      defaultCapacityProviderStrategy,
    });
    retag(ctx, ctx.arn('ecs', `cluster/${physicalId}`), properties['Tags']);
  },
  delete: (ctx, { physicalId }) => {
    const { clusters } = ctx.call('ecs', 'describeClusters', { clusters: [physicalId] });
    if (clusters?.[0]?.status === 'ACTIVE') ctx.call('ecs', 'deleteCluster', { cluster: physicalId });
  },
  read: (ctx, { physicalId, properties }) => {
    const cluster = findCluster(ctx, physicalId);
    if (!cluster) return undefined;
    const { clusterName, settings = [], tags, ...rest } = cluster;
    const given = ((properties['ClusterSettings'] ?? []) as { readonly Name?: string }[]).map(
      ({ Name }) => Name,
    );
    return {
      ClusterName: clusterName,
      ClusterSettings: inTemplateCase(settings.filter(({ name }) => given.includes(name))),
      ...capacityOf(rest),
      Configuration: inTemplateCase(rest.configuration),
      Tags: inTemplateCase(tags),
    };
  },
  attributes: (ctx, { physicalId }) => ({ Arn: ctx.arn('ecs', `cluster/${physicalId}`) }),
};

function findCluster(ctx: ResourceContext, name: string): Cluster | undefined {
  const { clusters: [cluster] = [] } = ctx.call('ecs', 'describeClusters', {
    clusters: [name],
    include: ['SETTINGS', 'CONFIGURATIONS', 'TAGS'],
  });
  return cluster?.status === 'ACTIVE' ? cluster : undefined;
}

function capacityOf({ capacityProviders, defaultCapacityProviderStrategy }: Cluster): Properties {
  return {
    CapacityProviders: capacityProviders,
    DefaultCapacityProviderStrategy: inTemplateCase(defaultCapacityProviderStrategy),
  };
}

/** Known: CreateCluster answers an existing cluster; CloudFormation refuses to take it over. */
function refuseExisting(ctx: ResourceContext, clusterName: string): void {
  const { clusters } = ctx.call('ecs', 'describeClusters', { clusters: [clusterName] });
  if (clusters?.[0]?.status !== 'ACTIVE') return;
  throw new AwsError(
    'AlreadyExists',
    `Resource of type 'AWS::ECS::Cluster' with identifier '${clusterName}' already exists.`,
  );
}

function clusterRequest(properties: Properties): CreateClusterRequest {
  const { ClusterName: _name, Tags: _tags, ClusterSettings, ...rest } = properties;
  return {
    ...(inApiCase(rest) as CreateClusterRequest),
    ...(ClusterSettings ? { settings: inApiCase(ClusterSettings) as never } : {}),
  };
}

/** AWS::ECS::ClusterCapacityProviderAssociations, which CDK writes for `enableFargateCapacityProviders`. */
export const clusterCapacityProviderAssociationsType: ResourceType = {
  name: 'AWS::ECS::ClusterCapacityProviderAssociations',
  properties: {
    Cluster: replaces(required(text)),
    CapacityProviders: required(listOf(text)),
    DefaultCapacityProviderStrategy: required(strategy),
  },
  create: (ctx, properties) => {
    const request = inApiCase(properties) as PutClusterCapacityProvidersRequest;
    ctx.call('ecs', 'putClusterCapacityProviders', request);
    return { physicalId: String(properties['Cluster']) };
  },
  update: (ctx, _resource, properties) => {
    ctx.call(
      'ecs',
      'putClusterCapacityProviders',
      inApiCase(properties) as PutClusterCapacityProvidersRequest,
    );
  },
  read: (ctx, { physicalId }) => {
    const cluster = findCluster(ctx, physicalId);
    return cluster && { Cluster: physicalId, ...capacityOf(cluster) };
  },
  delete: (ctx, { physicalId: cluster }) => {
    const { clusters } = ctx.call('ecs', 'describeClusters', { clusters: [cluster] });
    if (clusters?.[0]?.status !== 'ACTIVE') return;
    ctx.call('ecs', 'putClusterCapacityProviders', {
      cluster,
      capacityProviders: [],
      defaultCapacityProviderStrategy: [],
    });
  },
};
