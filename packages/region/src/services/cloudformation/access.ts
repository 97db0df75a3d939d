import {
  type Ask,
  all,
  arnOf,
  on,
  onAnything,
  passesRole,
  type ServiceAccess,
  textOf,
} from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { findStack, openCloudFormation } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html */
export function cloudformationAccess(tables: Tables): ServiceAccess {
  const state = openCloudFormation(tables);
  const stack = (ask: Ask): string => {
    const changeSet = textOf(ask, 'ChangeSetName');
    const name =
      textOf(ask, 'StackName') ||
      (changeSet.startsWith('arn:') ? (state.changeSets.get(changeSet)?.stackId ?? '') : '');
    if (name.startsWith('arn:')) return name;
    return findStack(state, name)?.stackId ?? arnOf(ask, 'cloudformation', `stack/${name || '*'}/*`);
  };
  const stackOrAll = (ask: Ask): string => (textOf(ask, 'StackName') === '' ? '*' : stack(ask));
  const aboutStack = on(stack);
  const aboutChangeSet = on(stack, {
    context: (ask) => {
      const name = textOf(ask, 'ChangeSetName');
      return { 'cloudformation:ChangeSetName': name.startsWith('arn:') ? (name.split('/')[1] ?? '') : name };
    },
  });
  const withRole = all(
    on(stack, { context: roleContext }),
    passesRole('RoleARN', 'cloudformation.amazonaws.com'),
  );
  return {
    prefix: 'cloudformation',
    tagsOf: (arn) => {
      const tags = state.stacks.get(arn)?.spec?.tags ?? [];
      return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
    },
    operations: {
      CreateStack: withRole,
      UpdateStack: withRole,
      DeleteStack: withRole,
      CancelUpdateStack: aboutStack,
      ContinueUpdateRollback: withRole,
      RollbackStack: withRole,
      UpdateTerminationProtection: aboutStack,
      SetStackPolicy: aboutStack,
      GetStackPolicy: aboutStack,
      CreateChangeSet: all(
        on(stack, {
          context: (ask) => ({
            ...roleContext(ask),
            'cloudformation:ChangeSetName': textOf(ask, 'ChangeSetName'),
          }),
        }),
        passesRole('RoleARN', 'cloudformation.amazonaws.com'),
      ),
      DescribeChangeSet: aboutChangeSet,
      ListChangeSets: aboutStack,
      ExecuteChangeSet: aboutChangeSet,
      DeleteChangeSet: aboutChangeSet,
      DescribeStacks: on(stackOrAll),
      ListStacks: onAnything,
      DescribeStackEvents: aboutStack,
      DescribeStackResource: aboutStack,
      DescribeStackResources: on(stackOrAll),
      ListStackResources: aboutStack,
      DetectStackDrift: aboutStack,
      DetectStackResourceDrift: aboutStack,
      DescribeStackDriftDetectionStatus: onAnything,
      DescribeStackResourceDrifts: aboutStack,
      ListExports: onAnything,
      ListImports: onAnything,
      GetTemplate: aboutStack,
      GetTemplateSummary: on(stackOrAll),
      ValidateTemplate: onAnything,
    },
  };
}

function roleContext(ask: Ask): Record<string, string> {
  const context: Record<string, string> = {};
  if (textOf(ask, 'RoleARN') !== '') context['cloudformation:RoleArn'] = textOf(ask, 'RoleARN');
  if (textOf(ask, 'TemplateURL') !== '') context['cloudformation:TemplateUrl'] = textOf(ask, 'TemplateURL');
  return context;
}
