import type { CreateServiceRequest, Service } from '@aws-sdk/client-ecs';
import {
  decimal,
  flag,
  integer,
  json,
  listOf,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  type Stability,
  stable,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { inApiCase, inApiName, inTemplateCase, retag, tagsOf } from './property-case.ts';

const deploymentConfiguration = object({
  DeploymentCircuitBreaker: object({
    Enable: flag,
    Rollback: flag,
    ResetOnHealthyTask: flag,
    ThresholdConfiguration: object({ Type: text, Value: integer }),
  }),
  MaximumPercent: integer,
  MinimumHealthyPercent: integer,
  Strategy: text,
  BakeTimeInMinutes: integer,
  LinearConfiguration: object({ StepPercent: decimal, StepBakeTimeInMinutes: integer }),
  CanaryConfiguration: object({ CanaryPercent: decimal, CanaryBakeTimeInMinutes: integer }),
  LifecycleHooks: listOf(
    object({
      HookTargetArn: text,
      LifecycleStages: listOf(text),
      RoleArn: text,
      HookDetails: json,
      TargetType: text,
      TimeoutConfiguration: object({ TimeoutInMinutes: integer, Action: text }),
    }),
  ),
  Alarms: object({ AlarmNames: listOf(text), Enable: flag, Rollback: flag }),
});

/** AWS::ECS::Service. `Ref` gives its ARN. */
export const serviceType: ResourceType = {
  name: 'AWS::ECS::Service',
  properties: {
    AvailabilityZoneRebalancing: text,
    CapacityProviderStrategy: listOf(object({ CapacityProvider: text, Base: integer, Weight: integer })),
    Cluster: replaces(text),
    DeploymentConfiguration: deploymentConfiguration,
    DeploymentController: replaces(object({ Type: text })),
    DesiredCount: integer,
    EnableECSManagedTags: flag,
    EnableExecuteCommand: flag,
    HealthCheckGracePeriodSeconds: integer,
    LaunchType: replaces(text),
    LoadBalancers: listOf(
      object({
        ContainerName: text,
        ContainerPort: integer,
        TargetGroupArn: text,
        AdvancedConfiguration: object({
          AlternateTargetGroupArn: text,
          ProductionListenerRule: text,
          RoleArn: text,
          TestListenerRule: text,
        }),
      }),
    ),
    NetworkConfiguration: object({
      AwsvpcConfiguration: object({
        AssignPublicIp: text,
        SecurityGroups: listOf(text),
        Subnets: listOf(text),
      }),
    }),
    PlatformVersion: text,
    PropagateTags: text,
    SchedulingStrategy: replaces(text),
    ServiceName: replaces(text),
    ServiceRegistries: listOf(json),
    PlacementConstraints: listOf(json),
    PlacementStrategies: listOf(json),
    TaskDefinition: required(text),
    Tags: tags,
  },
  create: (ctx, properties) => {
    const request = serviceRequest(properties);
    const { service } = ctx.call('ecs', 'createService', {
      ...request,
      serviceName: request.serviceName ?? ctx.generateName(255),
      // Confirmed by docs: a new service without it gets 1.
      desiredCount: request.desiredCount ?? 1,
      tags: tagsOf(ctx, properties['Tags']),
    });
    return { physicalId: service?.serviceArn ?? '' };
  },
  update: (ctx, { physicalId }, properties) => {
    const {
      launchType: _launch,
      schedulingStrategy: _scheduling,
      serviceName: _name,
      ...changes
    } = serviceRequest(properties);
    // Confirmed by docs: an existing service keeps its count when the template gives none.
    ctx.call('ecs', 'updateService', { ...changes, service: physicalId });
    retag(ctx, physicalId, properties['Tags']);
  },
  delete: (ctx, { physicalId }) => {
    const service = findService(ctx, physicalId);
    if (service?.status !== 'ACTIVE') return;
    ctx.call('ecs', 'deleteService', { cluster: clusterOf(physicalId), service: physicalId, force: true });
  },
  stable: (ctx, { physicalId, properties }) => {
    const service = findService(ctx, physicalId);
    const failure = service && failureOf(ctx, service, properties);
    // Confirmed*: the code of the resource handler. https://github.com/aws/copilot-cli/issues/5296
    return failure === undefined
      ? stabilityOf(service)
      : { kind: 'failed', reason: failure, code: 'GeneralServiceException' };
  },
  deleted: (ctx, { physicalId }) => {
    const service = findService(ctx, physicalId);
    if (service?.status !== 'DRAINING') return stable;
    return { kind: 'waiting', on: `service ${service.serviceName} to stop its tasks` };
  },
  read: (ctx, { physicalId, properties }) => {
    const service = findService(ctx, physicalId);
    if (service?.status !== 'ACTIVE') return undefined;
    const { clusterArn, placementStrategy, ...rest } = service;
    return {
      ...(inTemplateCase(ofTemplate(rest)) as Properties),
      Cluster: nameAsGiven(properties['Cluster'], clusterArn),
      PlacementStrategies: inTemplateCase(placementStrategy),
      Tags: inTemplateCase(ctx.call('ecs', 'listTagsForResource', { resourceArn: physicalId }).tags),
    };
  },
  attributes: (ctx, { physicalId }) => ({
    Name: findService(ctx, physicalId)?.serviceName,
    ServiceArn: physicalId,
  }),
};

function serviceRequest(properties: Properties): CreateServiceRequest {
  const { Tags: _tags, PlacementStrategies, ...rest } = properties;
  return {
    ...(inApiCase(rest) as CreateServiceRequest),
    ...(PlacementStrategies ? { placementStrategy: inApiCase(PlacementStrategies) as never } : {}),
  };
}

/** What a template can give of what DescribeServices answers. */
function ofTemplate(service: Service): object {
  const names = new Set(Object.keys(serviceType.properties).map((name) => inApiName(name)));
  return Object.fromEntries(Object.entries(service).filter(([name]) => names.has(name)));
}

/** A template may give a name where the API answers the ARN. */
function nameAsGiven(given: unknown, arn: string | undefined): unknown {
  return typeof given === 'string' && arn?.endsWith(`/${given}`) ? given : arn;
}

function clusterOf(serviceArn: string): string {
  return serviceArn.split('/')[1] ?? '';
}

function findService(ctx: ResourceContext, serviceArn: string): Service | undefined {
  const cluster = clusterOf(serviceArn);
  const { clusters } = ctx.call('ecs', 'describeClusters', { clusters: [cluster] });
  if (clusters?.[0]?.status !== 'ACTIVE') return undefined;
  return ctx.call('ecs', 'describeServices', { cluster, services: [serviceArn] }).services?.[0];
}

/** Chosen, as AWS does not say what it polls for: PRIMARY COMPLETED, alone, with all tasks running. */
function stabilityOf(service: Service | undefined): Stability {
  const [primary, ...others] = service?.deployments ?? [];
  if (!service || !primary) return { kind: 'failed', reason: 'The service is gone.' };
  const isSteady =
    primary.rolloutState === 'COMPLETED' &&
    others.length === 0 &&
    service.runningCount === service.desiredCount;
  if (isSteady) return stable;
  return {
    kind: 'waiting',
    on: `service ${service.serviceName}: ${service.runningCount} of ${service.desiredCount} tasks running, deployment ${primary.rolloutState}`,
  };
}

/**
 * The newest deployment failed, and it is the one that the template asks for. While the stack goes back to what ran
 * before, ECS may be going back by itself already: then the failed deployment is not what is asked for.
 */
function failureOf(ctx: ResourceContext, service: Service, properties: Properties): string | undefined {
  const { clusterArn: cluster = '', serviceArn = '' } = service;
  const { serviceDeployments } = ctx.call('ecs', 'listServiceDeployments', {
    cluster,
    service: serviceArn,
    maxResults: 1,
  });
  const [newest] = serviceDeployments ?? [];
  const arn = newest?.targetServiceRevisionArn;
  if (arn === undefined || !failures.has(newest?.status ?? '')) return undefined;
  const { serviceRevisions } = ctx.call('ecs', 'describeServiceRevisions', { serviceRevisionArns: [arn] });
  const failed = serviceRevisions?.[0];
  const wanted = serviceRequest(properties);
  if (!failed?.taskDefinition?.endsWith(wanted.taskDefinition ?? '')) return undefined;
  if (!isSameNetwork(failed, wanted)) return undefined;
  // Confirmed*: the text of the resource handler. Chosen: that for what is not the circuit breaker.
  const { statusReason: why = '' } = newest ?? {};
  const what = /^ECS deployment (stopped|alarms)/.test(why)
    ? why.replace(/\.$/, '')
    : 'ECS Deployment Circuit Breaker was triggered';
  return `Error occurred during operation '${what}'.`;
}

const failures: ReadonlySet<string> = new Set([
  'STOPPED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
]);

type Network = Pick<CreateServiceRequest, 'networkConfiguration' | 'loadBalancers'>;

function isSameNetwork(a: Network, b: Network): boolean {
  const told = ({ networkConfiguration, loadBalancers = [] }: Network): string => {
    const { subnets = [], securityGroups = [] } = networkConfiguration?.awsvpcConfiguration ?? {};
    return JSON.stringify([
      subnets,
      securityGroups,
      loadBalancers.map(({ targetGroupArn }) => targetGroupArn),
    ]);
  };
  return told(a) === told(b);
}
