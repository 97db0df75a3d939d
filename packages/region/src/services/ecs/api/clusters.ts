import type {
  Cluster,
  ClusterSetting,
  CreateClusterRequest,
  CreateClusterResponse,
  DeleteClusterRequest,
  DeleteClusterResponse,
  DescribeClustersRequest,
  DescribeClustersResponse,
  ListClustersRequest,
  ListClustersResponse,
  PutClusterCapacityProvidersRequest,
  PutClusterCapacityProvidersResponse,
  UpdateClusterRequest,
  UpdateClusterResponse,
  UpdateClusterSettingsRequest,
  UpdateClusterSettingsResponse,
} from '@aws-sdk/client-ecs';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { clusterContainsServices, clusterContainsTasks, invalidParameter } from '../errors.ts';
import { activeCluster, clusterNameOf, page } from '../lookups.ts';
import type { ClusterRecord, EcsState } from '../state.ts';
import { defaultContainerInsights } from './account-settings.ts';
import { checkTags } from './tags.ts';

/** Confirmed by docs: creating an existing cluster again answers it, unchanged. */
export function createCluster(
  ctx: Context,
  state: EcsState,
  input: CreateClusterRequest,
): CreateClusterResponse {
  const name = clusterNameOf(input.clusterName);
  if (!/^[A-Za-z0-9][\w-]{0,254}$/.test(name)) throw invalidParameter('Invalid cluster name.');
  const existing = state.clusters.get(name);
  if (existing?.status === 'ACTIVE') return { cluster: described(state, existing) };
  checkCapacityProviders(input.capacityProviders ?? []);
  checkTags(input.tags ?? []);
  const record: ClusterRecord = {
    name,
    arn: ctx.arn('ecs', `cluster/${name}`),
    status: 'ACTIVE',
    settings: settingsOf(ctx, state, input.settings),
    configuration: input.configuration,
    capacityProviders: input.capacityProviders ?? [],
    defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
  };
  state.clusters.put(name, record);
  state.tags.put(record.arn, input.tags ?? []);
  return { cluster: described(state, record, ['TAGS', 'SETTINGS', 'CONFIGURATIONS']) };
}

function settingsOf(ctx: Context, state: EcsState, given: readonly ClusterSetting[] = []): ClusterSetting[] {
  // Confirmed by API text: of a cluster that says nothing the account's setting decides.
  const settings: readonly ClusterSetting[] =
    given.length > 0 ? given : [{ name: 'containerInsights', value: defaultContainerInsights(state) }];
  for (const { name, value } of settings) {
    if (name !== 'containerInsights') throw invalidParameter(`Invalid cluster setting name: ${name}`);
    if (value === 'enhanced') {
      ctx.warn(
        'container-insights',
        'ecs: Container Insights with enhanced observability is taken as `enabled`: there are no metrics of single tasks and containers',
      );
    }
  }
  return [...settings];
}

function checkCapacityProviders(names: readonly string[]): void {
  for (const name of names) {
    if (name === 'FARGATE') continue;
    throw notModelled(`ecs capacity provider ${name}`, 'ecs');
  }
}

export function described(state: EcsState, record: ClusterRecord, include: readonly string[] = []): Cluster {
  const tasks = state.tasks.filter((task) => task.cluster === record.name);
  const services = state.services.filter(
    (service) => service.cluster === record.name && service.status !== 'INACTIVE',
  );
  const pending = ['PROVISIONING', 'PENDING', 'ACTIVATING'];
  return {
    clusterArn: record.arn,
    clusterName: record.name,
    status: record.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
    pendingTasksCount: tasks.filter(({ lastStatus }) => pending.includes(lastStatus)).length,
    activeServicesCount: services.length,
    statistics: [],
    tags: include.includes('TAGS') ? [...(state.tags.get(record.arn) ?? [])] : [],
    settings: include.includes('SETTINGS') ? [...record.settings] : [],
    capacityProviders: [...record.capacityProviders],
    defaultCapacityProviderStrategy: [...record.defaultCapacityProviderStrategy],
    ...(include.includes('CONFIGURATIONS') && record.configuration
      ? { configuration: record.configuration }
      : {}),
  };
}

export function describeClusters(
  ctx: Context,
  state: EcsState,
  input: DescribeClustersRequest,
): DescribeClustersResponse {
  const names = (input.clusters ?? ['default']).map(clusterNameOf);
  const records = names.flatMap((name) => state.clusters.get(name) ?? []);
  return {
    clusters: records.map((record) => described(state, record, input.include)),
    failures: names
      .filter((name) => !state.clusters.has(name))
      .map((name) => ({ arn: ctx.arn('ecs', `cluster/${name}`), reason: 'MISSING' })),
  };
}

export function listClusters(
  _ctx: Context,
  state: EcsState,
  input: ListClustersRequest,
): ListClustersResponse {
  const active = state.clusters.filter(({ status }) => status === 'ACTIVE');
  const { items, nextToken } = page(active, input);
  return { clusterArns: items.map(({ arn }) => arn), ...(nextToken === undefined ? {} : { nextToken }) };
}

export function updateCluster(
  ctx: Context,
  state: EcsState,
  input: UpdateClusterRequest,
): UpdateClusterResponse {
  const cluster = activeCluster(state, input.cluster);
  const changed: ClusterRecord = {
    ...cluster,
    ...(input.settings === undefined ? {} : { settings: settingsOf(ctx, state, input.settings) }),
    ...(input.configuration === undefined ? {} : { configuration: input.configuration }),
  };
  state.clusters.put(cluster.name, changed);
  return { cluster: described(state, changed, ['SETTINGS', 'CONFIGURATIONS']) };
}

export function updateClusterSettings(
  ctx: Context,
  state: EcsState,
  input: UpdateClusterSettingsRequest,
): UpdateClusterSettingsResponse {
  const { cluster, settings } = input;
  return updateCluster(ctx, state, { cluster: cluster ?? '', ...(settings ? { settings } : {}) });
}

export function putClusterCapacityProviders(
  _ctx: Context,
  state: EcsState,
  input: PutClusterCapacityProvidersRequest,
): PutClusterCapacityProvidersResponse {
  const cluster = activeCluster(state, input.cluster);
  const capacityProviders = input.capacityProviders ?? [];
  const defaultCapacityProviderStrategy = input.defaultCapacityProviderStrategy ?? [];
  checkCapacityProviders(capacityProviders);
  checkCapacityProviders(
    defaultCapacityProviderStrategy.map(({ capacityProvider = '' }) => capacityProvider),
  );
  const changed: ClusterRecord = { ...cluster, capacityProviders, defaultCapacityProviderStrategy };
  state.clusters.put(cluster.name, changed);
  return { cluster: described(state, changed) };
}

export function deleteCluster(
  _ctx: Context,
  state: EcsState,
  input: DeleteClusterRequest,
): DeleteClusterResponse {
  const cluster = activeCluster(state, input.cluster);
  const isOf = (record: { readonly cluster: string }): boolean => record.cluster === cluster.name;
  if (state.services.find((service) => isOf(service) && service.status !== 'INACTIVE')) {
    throw clusterContainsServices();
  }
  if (state.tasks.find((task) => isOf(task) && task.lastStatus !== 'STOPPED')) throw clusterContainsTasks();
  const deleted: ClusterRecord = { ...cluster, status: 'INACTIVE' };
  state.clusters.put(cluster.name, deleted);
  state.tags.delete(cluster.arn);
  return { cluster: described(state, deleted) };
}
