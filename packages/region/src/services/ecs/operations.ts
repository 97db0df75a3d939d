import type * as Ecs from '@aws-sdk/client-ecs';
import type { Context } from '../../kernel/context.ts';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import * as accountSettings from './api/account-settings.ts';
import * as clusters from './api/clusters.ts';
import * as serviceDeployments from './api/service-deployments.ts';
import * as services from './api/services.ts';
import * as tags from './api/tags.ts';
import * as taskDefinitions from './api/task-definitions.ts';
import * as protection from './api/task-protection.ts';
import * as tasks from './api/tasks.ts';
import type { EcsState } from './state.ts';

type Operations = ServiceModule['operations'];
type Handler<I, O> = (ctx: Context, state: EcsState, input: I) => O;

/** Every operation of the API that is modelled, with the members that it takes. */
export function ecsOperations(state: EcsState): Operations {
  const op = <I extends object, O>(handler: Handler<I, O>, accepts: readonly (keyof I & string)[]) =>
    operation<I, O>({ accepts, handler: (ctx, input) => handler(ctx, state, input) });
  return {
    ...clusterOperations(op),
    ...taskDefinitionOperations(op),
    ...serviceOperations(op),
    ...taskOperations(op),
    ...otherOperations(op),
  };
}

type Op = <I extends object, O>(
  handler: Handler<I, O>,
  accepts: readonly (keyof I & string)[],
) => Operations[string];

function clusterOperations(op: Op): Operations {
  return {
    CreateCluster: op<Ecs.CreateClusterRequest, Ecs.CreateClusterResponse>(clusters.createCluster, [
      'clusterName',
      'tags',
      'settings',
      'configuration',
      'capacityProviders',
      'defaultCapacityProviderStrategy',
    ]),
    DescribeClusters: op<Ecs.DescribeClustersRequest, Ecs.DescribeClustersResponse>(
      clusters.describeClusters,
      ['clusters', 'include'],
    ),
    ListClusters: op<Ecs.ListClustersRequest, Ecs.ListClustersResponse>(clusters.listClusters, [
      'nextToken',
      'maxResults',
    ]),
    UpdateCluster: op<Ecs.UpdateClusterRequest, Ecs.UpdateClusterResponse>(clusters.updateCluster, [
      'cluster',
      'settings',
      'configuration',
    ]),
    UpdateClusterSettings: op<Ecs.UpdateClusterSettingsRequest, Ecs.UpdateClusterSettingsResponse>(
      clusters.updateClusterSettings,
      ['cluster', 'settings'],
    ),
    PutClusterCapacityProviders: op<
      Ecs.PutClusterCapacityProvidersRequest,
      Ecs.PutClusterCapacityProvidersResponse
    >(clusters.putClusterCapacityProviders, [
      'cluster',
      'capacityProviders',
      'defaultCapacityProviderStrategy',
    ]),
    DeleteCluster: op<Ecs.DeleteClusterRequest, Ecs.DeleteClusterResponse>(clusters.deleteCluster, [
      'cluster',
    ]),
  };
}

function taskDefinitionOperations(op: Op): Operations {
  return {
    RegisterTaskDefinition: op<Ecs.RegisterTaskDefinitionRequest, Ecs.RegisterTaskDefinitionResponse>(
      taskDefinitions.registerTaskDefinition,
      [
        'family',
        'taskRoleArn',
        'executionRoleArn',
        'networkMode',
        'containerDefinitions',
        'volumes',
        'placementConstraints',
        'requiresCompatibilities',
        'cpu',
        'memory',
        'tags',
        'runtimePlatform',
      ],
    ),
    DeregisterTaskDefinition: op<Ecs.DeregisterTaskDefinitionRequest, Ecs.DeregisterTaskDefinitionResponse>(
      taskDefinitions.deregisterTaskDefinition,
      ['taskDefinition'],
    ),
    DescribeTaskDefinition: op<Ecs.DescribeTaskDefinitionRequest, Ecs.DescribeTaskDefinitionResponse>(
      taskDefinitions.describeTaskDefinition,
      ['taskDefinition', 'include'],
    ),
    DeleteTaskDefinitions: op<Ecs.DeleteTaskDefinitionsRequest, Ecs.DeleteTaskDefinitionsResponse>(
      taskDefinitions.deleteTaskDefinitions,
      ['taskDefinitions'],
    ),
    ListTaskDefinitions: op<Ecs.ListTaskDefinitionsRequest, Ecs.ListTaskDefinitionsResponse>(
      taskDefinitions.listTaskDefinitions,
      ['familyPrefix', 'status', 'sort', 'nextToken', 'maxResults'],
    ),
    ListTaskDefinitionFamilies: op<
      Ecs.ListTaskDefinitionFamiliesRequest,
      Ecs.ListTaskDefinitionFamiliesResponse
    >(taskDefinitions.listTaskDefinitionFamilies, ['familyPrefix', 'status', 'nextToken', 'maxResults']),
  };
}

function serviceOperations(op: Op): Operations {
  return {
    CreateService: op<Ecs.CreateServiceRequest, Ecs.CreateServiceResponse>(services.createService, [
      'cluster',
      'serviceName',
      'taskDefinition',
      'availabilityZoneRebalancing',
      'loadBalancers',
      'serviceRegistries',
      'desiredCount',
      'clientToken',
      'launchType',
      'capacityProviderStrategy',
      'platformVersion',
      'deploymentConfiguration',
      'placementConstraints',
      'placementStrategy',
      'networkConfiguration',
      'healthCheckGracePeriodSeconds',
      'schedulingStrategy',
      'deploymentController',
      'tags',
      'enableECSManagedTags',
      'propagateTags',
      'enableExecuteCommand',
      'serviceConnectConfiguration',
    ]),
    UpdateService: op<Ecs.UpdateServiceRequest, Ecs.UpdateServiceResponse>(services.updateService, [
      'cluster',
      'service',
      'desiredCount',
      'taskDefinition',
      'capacityProviderStrategy',
      'deploymentConfiguration',
      'availabilityZoneRebalancing',
      'networkConfiguration',
      'placementConstraints',
      'placementStrategy',
      'platformVersion',
      'forceNewDeployment',
      'healthCheckGracePeriodSeconds',
      'deploymentController',
      'enableExecuteCommand',
      'enableECSManagedTags',
      'loadBalancers',
      'propagateTags',
      'serviceRegistries',
      'serviceConnectConfiguration',
    ]),
    DeleteService: op<Ecs.DeleteServiceRequest, Ecs.DeleteServiceResponse>(services.deleteService, [
      'cluster',
      'service',
      'force',
    ]),
    DescribeServices: op<Ecs.DescribeServicesRequest, Ecs.DescribeServicesResponse>(
      services.describeServices,
      ['cluster', 'services', 'include'],
    ),
    ListServices: op<Ecs.ListServicesRequest, Ecs.ListServicesResponse>(services.listServices, [
      'cluster',
      'nextToken',
      'maxResults',
      'launchType',
      'schedulingStrategy',
    ]),
    ListServiceDeployments: op<Ecs.ListServiceDeploymentsRequest, Ecs.ListServiceDeploymentsResponse>(
      serviceDeployments.listServiceDeployments,
      ['service', 'cluster', 'status', 'createdAt', 'nextToken', 'maxResults'],
    ),
    DescribeServiceDeployments: op<
      Ecs.DescribeServiceDeploymentsRequest,
      Ecs.DescribeServiceDeploymentsResponse
    >(serviceDeployments.describeServiceDeployments, ['serviceDeploymentArns']),
    StopServiceDeployment: op<Ecs.StopServiceDeploymentRequest, Ecs.StopServiceDeploymentResponse>(
      serviceDeployments.stopServiceDeployment,
      ['serviceDeploymentArn', 'stopType'],
    ),
    ContinueServiceDeployment: op<
      Ecs.ContinueServiceDeploymentRequest,
      Ecs.ContinueServiceDeploymentResponse
    >(serviceDeployments.continueServiceDeployment, ['serviceDeploymentArn', 'hookId', 'action']),
    DescribeServiceRevisions: op<Ecs.DescribeServiceRevisionsRequest, Ecs.DescribeServiceRevisionsResponse>(
      serviceDeployments.describeServiceRevisions,
      ['serviceRevisionArns'],
    ),
  };
}

function taskOperations(op: Op): Operations {
  return {
    RunTask: op<Ecs.RunTaskRequest, Ecs.RunTaskResponse>(tasks.runTask, [
      'capacityProviderStrategy',
      'clientToken',
      'cluster',
      'count',
      'enableECSManagedTags',
      'enableExecuteCommand',
      'group',
      'launchType',
      'networkConfiguration',
      'overrides',
      'platformVersion',
      'propagateTags',
      'startedBy',
      'tags',
      'taskDefinition',
    ]),
    StopTask: op<Ecs.StopTaskRequest, Ecs.StopTaskResponse>(tasks.stopTaskByUser, [
      'cluster',
      'task',
      'reason',
    ]),
    DescribeTasks: op<Ecs.DescribeTasksRequest, Ecs.DescribeTasksResponse>(tasks.describeTasks, [
      'cluster',
      'tasks',
      'include',
    ]),
    ListTasks: op<Ecs.ListTasksRequest, Ecs.ListTasksResponse>(tasks.listTasks, [
      'cluster',
      'family',
      'nextToken',
      'maxResults',
      'startedBy',
      'serviceName',
      'desiredStatus',
      'launchType',
    ]),
    UpdateTaskProtection: op<Ecs.UpdateTaskProtectionRequest, Ecs.UpdateTaskProtectionResponse>(
      protection.updateTaskProtection,
      ['cluster', 'tasks', 'protectionEnabled', 'expiresInMinutes'],
    ),
    GetTaskProtection: op<Ecs.GetTaskProtectionRequest, Ecs.GetTaskProtectionResponse>(
      protection.getTaskProtection,
      ['cluster', 'tasks'],
    ),
  };
}

function otherOperations(op: Op): Operations {
  return {
    TagResource: op<Ecs.TagResourceRequest, Ecs.TagResourceResponse>(tags.tagResource, [
      'resourceArn',
      'tags',
    ]),
    UntagResource: op<Ecs.UntagResourceRequest, Ecs.UntagResourceResponse>(tags.untagResource, [
      'resourceArn',
      'tagKeys',
    ]),
    ListTagsForResource: op<Ecs.ListTagsForResourceRequest, Ecs.ListTagsForResourceResponse>(
      tags.listTagsForResource,
      ['resourceArn'],
    ),
    ListAccountSettings: op<Ecs.ListAccountSettingsRequest, Ecs.ListAccountSettingsResponse>(
      accountSettings.listAccountSettings,
      ['name', 'effectiveSettings', 'nextToken', 'maxResults'],
    ),
    PutAccountSetting: op<Ecs.PutAccountSettingRequest, Ecs.PutAccountSettingResponse>(
      accountSettings.putAccountSetting,
      ['name', 'value', 'principalArn'],
    ),
    PutAccountSettingDefault: op<Ecs.PutAccountSettingDefaultRequest, Ecs.PutAccountSettingDefaultResponse>(
      accountSettings.putAccountSettingDefault,
      ['name', 'value'],
    ),
  };
}
