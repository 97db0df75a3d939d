import type {
  CreateServiceRequest,
  CreateServiceResponse,
  DeleteServiceRequest,
  DeleteServiceResponse,
  DescribeServicesRequest,
  DescribeServicesResponse,
  ListServicesRequest,
  ListServicesResponse,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { endCurrent, openDeployment, requestReview } from '../deployments.ts';
import { invalidParameter, serviceAlreadyExists } from '../errors.ts';
import {
  activeCluster,
  activeService,
  activeTaskDefinition,
  existingService,
  page,
  serviceKey,
  taskDefinitionOf,
} from '../lookups.ts';
import { type EcsState, primaryOf, type ServiceRecord } from '../state.ts';
import { describedService } from './described-service.ts';
import { checkModelled, checkStrategyOf, deploymentConfigurationOf, revisionOf } from './service-rules.ts';
import { checkTags } from './tags.ts';

export function createService(
  ctx: Context,
  state: EcsState,
  input: CreateServiceRequest,
): CreateServiceResponse {
  const cluster = activeCluster(state, input.cluster);
  const name = input.serviceName ?? '';
  checkModelled('CreateService', input);
  checkNew(input);
  const key = serviceKey(cluster.name, name);
  const existing = state.services.get(key);
  if (existing && existing.status !== 'INACTIVE') return again(state, existing, input);
  const service: ServiceRecord = {
    key,
    name,
    arn: ctx.arn('ecs', `service/${key}`),
    cluster: cluster.name,
    status: 'ACTIVE',
    desiredCount: input.desiredCount ?? 0,
    deploymentConfiguration: deploymentConfigurationOf(input.deploymentConfiguration),
    // Confirmed by AWS (2025-06-30): ENABLED when a new service gives nothing.
    availabilityZoneRebalancing: input.availabilityZoneRebalancing ?? 'ENABLED',
    enableECSManagedTags: input.enableECSManagedTags ?? false,
    propagateTags: input.propagateTags ?? 'NONE',
    createdAt: ctx.now,
    createdBy: ctx.caller.arn,
    deployments: [],
    waitingOn: [],
    isSteady: false,
    ...graceOf(input),
    ...(input.clientToken === undefined ? {} : { clientToken: input.clientToken }),
  };
  const taskDefinition = activeTaskDefinition(state, input.taskDefinition ?? '');
  const revision = revisionOf(ctx, {
    taskDefinition,
    networkConfiguration: input.networkConfiguration,
    loadBalancers: input.loadBalancers ?? [],
    platformVersion: input.platformVersion ?? 'LATEST',
  });
  checkStrategyOf(service.deploymentConfiguration, revision.loadBalancers);
  state.events.delete(key);
  ctx.timers.drop(key);
  state.tags.put(service.arn, input.tags ?? []);
  return { service: describedService(state, openDeployment(ctx, state, service, revision), ['TAGS']) };
}

/** Texts Known. */
function checkNew(input: CreateServiceRequest): void {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(input.serviceName ?? '')) {
    throw invalidParameter('Invalid service name.');
  }
  if (input.desiredCount === undefined) {
    throw invalidParameter('Desired count must be specified for the REPLICA scheduling strategy.');
  }
  if (input.desiredCount < 0) throw invalidParameter('desiredCount must not be negative.');
  if (!input.taskDefinition) throw invalidParameter('Task definition must be specified.');
  if (input.healthCheckGracePeriodSeconds !== undefined && (input.loadBalancers ?? []).length === 0) {
    throw invalidParameter(
      'Health check grace period is only valid for services configured to use load balancers',
    );
  }
  if (input.enableExecuteCommand) throw notModelled('ecs CreateService: enableExecuteCommand', 'ecs');
  checkTags(input.tags ?? []);
}

/** The same request, known by its client token, answers the service it made. */
function again(state: EcsState, existing: ServiceRecord, input: CreateServiceRequest): CreateServiceResponse {
  if (existing.status === 'DRAINING') {
    throw invalidParameter('Unable to Start a service that is still Draining.');
  }
  if (input.clientToken === undefined || existing.clientToken !== input.clientToken)
    throw serviceAlreadyExists();
  return { service: describedService(state, existing) };
}

function graceOf(input: { readonly healthCheckGracePeriodSeconds?: number | undefined }) {
  const { healthCheckGracePeriodSeconds } = input;
  return healthCheckGracePeriodSeconds === undefined ? {} : { healthCheckGracePeriodSeconds };
}

/** Confirmed by API text: only what makes a revision, or `forceNewDeployment`, starts a deployment. */
export function updateService(
  ctx: Context,
  state: EcsState,
  input: UpdateServiceRequest,
): UpdateServiceResponse {
  const service = activeService(state, input.cluster, input.service ?? '');
  checkModelled('UpdateService', input);
  if (input.enableExecuteCommand) throw notModelled('ecs UpdateService: enableExecuteCommand', 'ecs');
  if (input.desiredCount !== undefined && input.desiredCount < 0) {
    throw invalidParameter('desiredCount must not be negative.');
  }
  const settings: ServiceRecord = {
    ...service,
    desiredCount: input.desiredCount ?? service.desiredCount,
    deploymentConfiguration: deploymentConfigurationOf(
      input.deploymentConfiguration,
      service.deploymentConfiguration,
    ),
    availabilityZoneRebalancing: input.availabilityZoneRebalancing ?? service.availabilityZoneRebalancing,
    enableECSManagedTags: input.enableECSManagedTags ?? service.enableECSManagedTags,
    propagateTags: input.propagateTags ?? service.propagateTags,
    ...graceOf(input),
  };
  const changed = withRevision(ctx, state, settings, input);
  state.services.put(service.key, changed);
  requestReview(ctx, service.key);
  return { service: describedService(state, changed) };
}

function withRevision(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  input: UpdateServiceRequest,
): ServiceRecord {
  const current = primaryOf(service)?.revision;
  if (!current) throw new Error(`service ${service.key} is ACTIVE without a deployment`);
  const taskDefinition =
    input.taskDefinition === undefined
      ? taskDefinitionOf(state, current.taskDefinition)
      : activeTaskDefinition(state, input.taskDefinition);
  const isAsked =
    input.forceNewDeployment === true ||
    taskDefinition.arn !== current.taskDefinition ||
    isOther(input.platformVersion, current.platformVersion) ||
    isOther(input.loadBalancers, current.loadBalancers) ||
    (input.networkConfiguration !== undefined && isOtherNetwork(input, current.networkConfiguration));
  const loadBalancers = input.loadBalancers ?? current.loadBalancers;
  checkStrategyOf(service.deploymentConfiguration, loadBalancers);
  if (!isAsked) return service;
  const revision = revisionOf(ctx, {
    taskDefinition,
    networkConfiguration: input.networkConfiguration ?? current.networkConfiguration,
    loadBalancers,
    platformVersion: input.platformVersion ?? current.platformVersion,
  });
  return openDeployment(ctx, state, service, revision);
}

function isOther(given: unknown, current: unknown): boolean {
  return given !== undefined && JSON.stringify(given) !== JSON.stringify(current);
}

function isOtherNetwork(
  input: UpdateServiceRequest,
  current: NonNullable<UpdateServiceRequest['networkConfiguration']>,
): boolean {
  const given = input.networkConfiguration?.awsvpcConfiguration;
  const now = current.awsvpcConfiguration;
  return (
    isOther(given?.subnets ?? [], now?.subnets) ||
    isOther(given?.securityGroups ?? [], now?.securityGroups) ||
    isOther(given?.assignPublicIp ?? 'DISABLED', now?.assignPublicIp)
  );
}

/** Confirmed by API text: DRAINING until the last task has STOPPED, then INACTIVE. */
export function deleteService(
  ctx: Context,
  state: EcsState,
  input: DeleteServiceRequest,
): DeleteServiceResponse {
  const service = existingService(state, input.cluster, input.service ?? '');
  if (service.status === 'INACTIVE') throw invalidParameter('The service is inactive.');
  if (service.desiredCount > 0 && input.force !== true && service.status === 'ACTIVE') {
    throw invalidParameter('The service cannot be stopped while it is scaled above 0.');
  }
  const draining: ServiceRecord = { ...service, status: 'DRAINING', desiredCount: 0, isSteady: false };
  state.services.put(service.key, draining);
  if (service.status === 'ACTIVE') endCurrent(ctx, state, service, 'The service was deleted.');
  requestReview(ctx, service.key);
  return { service: describedService(state, draining) };
}

export function describeServices(
  ctx: Context,
  state: EcsState,
  input: DescribeServicesRequest,
): DescribeServicesResponse {
  const cluster = activeCluster(state, input.cluster);
  const references = input.services ?? [];
  if (references.length < 1) throw invalidParameter('Services cannot be empty.');
  if (references.length > 10) throw invalidParameter('services can have at most 10 items.');
  const keys = references.map((reference) => serviceKey(cluster.name, reference));
  return {
    services: keys
      .flatMap((key) => state.services.get(key) ?? [])
      .map((service) => describedService(state, service, input.include)),
    failures: keys
      .filter((key) => !state.services.has(key))
      .map((key) => ({ arn: ctx.arn('ecs', `service/${key}`), reason: 'MISSING' })),
  };
}

export function listServices(
  _ctx: Context,
  state: EcsState,
  input: ListServicesRequest,
): ListServicesResponse {
  const cluster = activeCluster(state, input.cluster);
  const isNone = (input.launchType ?? 'FARGATE') !== 'FARGATE' || input.schedulingStrategy === 'DAEMON';
  const services = state.services.filter(
    (service) => service.cluster === cluster.name && service.status !== 'INACTIVE' && !isNone,
  );
  const { items, nextToken } = page(services, { maxResults: 10, ...input });
  return { serviceArns: items.map(({ arn }) => arn), ...(nextToken === undefined ? {} : { nextToken }) };
}
