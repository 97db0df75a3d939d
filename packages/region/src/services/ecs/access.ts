import type { Tag } from '@aws-sdk/client-ecs';
import {
  type Ask,
  all,
  arnIn,
  arnOf,
  on,
  onAnything,
  passesRole,
  type Rule,
  type ServiceAccess,
  textOf,
  textsOf,
} from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html */
export function ecsAccess(tables: Tables): ServiceAccess {
  const families = tables.table<number>('ecs.families');
  const tags = tables.table<readonly Tag[]>('ecs.tags');
  const latest = (ask: Ask): string => {
    const reference = textOf(ask, 'taskDefinition');
    if (reference.startsWith('arn:') && /:\d+$/.test(reference)) return reference;
    const family = reference.slice(reference.lastIndexOf('/') + 1);
    const name = family.includes(':') ? family : `${family}:${families.get(family) ?? '*'}`;
    return arnOf(ask, 'ecs', `task-definition/${name}`);
  };
  const aboutCluster = { context: (ask: Ask) => ({ 'ecs:cluster': cluster(ask) }) };
  const aboutService = on(services, aboutCluster);
  const aboutTasks = on(tasks, aboutCluster);
  const aboutDeployments = on(deploymentsOf('serviceDeploymentArns'));
  return {
    prefix: 'ecs',
    tagsOf: (arn) =>
      Object.fromEntries((tags.get(arn) ?? []).map(({ key = '', value = '' }) => [key, value])),
    operations: {
      CreateCluster: taggedOn((ask) => clusterArn(ask, textOf(ask, 'clusterName'))),
      DescribeClusters: on((ask) => {
        const clusters = textsOf(ask, 'clusters');
        return (clusters.length === 0 ? [''] : clusters).map((one) => clusterArn(ask, one));
      }),
      ListClusters: onAnything,
      UpdateCluster: on(cluster),
      UpdateClusterSettings: on(cluster),
      PutClusterCapacityProviders: on(cluster),
      DeleteCluster: on(cluster),
      RegisterTaskDefinition: all(
        taggedOn((ask) => arnOf(ask, 'ecs', `task-definition/${textOf(ask, 'family')}:*`)),
        passesTaskRoles((ask) => ask.input),
      ),
      DeregisterTaskDefinition: onAnything,
      DescribeTaskDefinition: onAnything,
      DeleteTaskDefinitions: on((ask) =>
        textsOf(ask, 'taskDefinitions').map((one) =>
          one.startsWith('arn:') ? one : arnOf(ask, 'ecs', `task-definition/${one}`),
        ),
      ),
      ListTaskDefinitions: onAnything,
      ListTaskDefinitionFamilies: onAnything,
      CreateService: all(aboutService, tagsNew(services, aboutCluster)),
      UpdateService: aboutService,
      DeleteService: aboutService,
      DescribeServices: aboutService,
      ListServices: on(() => '*', aboutCluster),
      ListServiceDeployments: aboutService,
      DescribeServiceDeployments: aboutDeployments,
      StopServiceDeployment: on(deploymentsOf('serviceDeploymentArn')),
      ContinueServiceDeployment: on(deploymentsOf('serviceDeploymentArn')),
      DescribeServiceRevisions: on(deploymentsOf('serviceRevisionArns')),
      RunTask: all(
        on(latest, aboutCluster),
        tagsNew((ask) => within(ask, 'task', '*'), aboutCluster),
        passesTaskRoles(({ input }) => input['overrides']),
      ),
      StopTask: aboutTasks,
      DescribeTasks: aboutTasks,
      ListTasks: on(() => '*', aboutCluster),
      UpdateTaskProtection: aboutTasks,
      GetTaskProtection: aboutTasks,
      TagResource: on(arnIn('resourceArn')),
      UntagResource: on(arnIn('resourceArn')),
      ListTagsForResource: on(arnIn('resourceArn')),
      ListAccountSettings: onAnything,
      PutAccountSetting: onAnything,
      PutAccountSettingDefault: onAnything,
    },
  };
}

type Resources = (ask: Ask) => string | readonly string[];
type AboutCluster = { readonly context: (ask: Ask) => Record<string, string> };

/** An operation that makes something, with tags or without. */
function taggedOn(resources: Resources): Rule {
  return all(on(resources), tagsNew(resources));
}

/**
 * Confirmed by docs: what is made with tags asks for ecs:TagResource too, which tells the operation in ecs:CreateAction.
 * Tags that propagate from elsewhere do not.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
 */
function tagsNew(resources: Resources, about?: AboutCluster): Rule {
  const context = (ask: Ask): Record<string, string> => ({
    ...about?.context(ask),
    'ecs:CreateAction': ask.action.replace('ecs:', ''),
  });
  const tag = on(resources, { action: 'ecs:TagResource', context });
  return (ask) => ((ask.input['tags'] as readonly Tag[] | undefined)?.length ? tag(ask) : []);
}

function clusterArn(ask: Ask, name: string): string {
  if (name.startsWith('arn:')) return name;
  return arnOf(ask, 'ecs', `cluster/${name === '' ? 'default' : name}`);
}

function cluster(ask: Ask): string {
  return clusterArn(ask, textOf(ask, 'cluster'));
}

function within(ask: Ask, type: string, name: string): string {
  if (name.startsWith('arn:')) return name;
  const clusterName = cluster(ask).split('/').at(-1) ?? '';
  return arnOf(ask, 'ecs', `${type}/${clusterName}/${name}`);
}

function services(ask: Ask): readonly string[] {
  const names = [textOf(ask, 'serviceName'), textOf(ask, 'service'), ...textsOf(ask, 'services')].filter(
    (name) => name !== '',
  );
  return names.map((name) => within(ask, 'service', name));
}

function tasks(ask: Ask): readonly string[] {
  const ids = [textOf(ask, 'task'), ...textsOf(ask, 'tasks')].filter((id) => id !== '');
  return (ids.length === 0 ? ['*'] : ids).map((id) => within(ask, 'task', id));
}

/** Confirmed by docs: these need the service itself as their resource; the deployment stands in its ARN. */
function deploymentsOf(member: string): (ask: Ask) => readonly string[] {
  return (ask) =>
    [textOf(ask, member), ...textsOf(ask, member)]
      .filter((arn) => arn !== '')
      .map((arn) => arn.replace(/:service-(?:deployment|revision)\/([^/]+\/[^/]+)\/.*$/, ':service/$1'));
}

function passesTaskRoles(of: (ask: Ask) => unknown): Rule {
  const member = (name: string) => (ask: Ask) => {
    const value = (of(ask) as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'string' ? value : '';
  };
  return all(
    passesRole(member('taskRoleArn'), 'ecs-tasks.amazonaws.com'),
    passesRole(member('executionRoleArn'), 'ecs-tasks.amazonaws.com'),
  );
}
