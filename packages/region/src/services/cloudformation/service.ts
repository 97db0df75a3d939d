import type * as cfn from '@aws-sdk/client-cloudformation';
import type { ResourceType } from '../../kernel/resource-type.ts';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import * as changeSets from './api/change-sets.ts';
import * as drift from './api/drift.ts';
import * as protection from './api/protection.ts';
import * as queries from './api/queries.ts';
import * as rollback from './api/rollback.ts';
import * as stacks from './api/stacks.ts';
import * as templates from './api/templates.ts';
import { forget, interrupt, onReviewTimer, type ReviewEvent, review } from './engine.ts';
import { cdkMetadata, waitConditionHandle } from './own-types.ts';
import type { ReadTemplate } from './ports.ts';
import type { CloudFormation } from './spec.ts';
import { openCloudFormation } from './state.ts';

export interface CloudFormationDependencies {
  readonly tables: Tables;
  /** The resource types of all services, by name. */
  readonly resourceTypes: () => ReadonlyMap<string, ResourceType>;
  /** Absent: `TemplateURL` is refused. */
  readonly readTemplate?: ReadTemplate;
}

/** AWS CloudFormation. */
export function cloudformation(dependencies: CloudFormationDependencies): ServiceModule {
  const { tables, resourceTypes, readTemplate } = dependencies;
  const state = openCloudFormation(tables);
  const service: CloudFormation = { state, types: resourceTypes, ...(readTemplate ? { readTemplate } : {}) };
  return {
    name: 'cloudformation',
    resourceTypes: [cdkMetadata, waitConditionHandle],
    operations: {
      ...stackOperations(service),
      ...changeSetOperations(service),
      ...queryOperations(service),
      ...driftOperations(service),
    },
    onStart: (ctx) => {
      for (const { stackId } of [...state.operations.values()]) ctx.raise({ kind: 'review', stackId });
    },
    onEvent: (ctx, event: ReviewEvent) => review(service, ctx, event.stackId),
    onTimer: (ctx, { subject, name }) => {
      if (name === 'review') onReviewTimer(service, ctx, subject);
      else if (name === 'forget') forget(service, subject);
      else interrupt(service, ctx, subject, 'Stack creation time exceeded the specified timeout.');
    },
    // Whatever changed in another service may be what a resource waits for.
    onChanged: (ctx, services) => {
      if (state.operations.size === 0 || (services.size === 1 && services.has('cloudformation'))) return;
      for (const { stackId } of state.operations.values()) ctx.raise({ kind: 'review', stackId });
    },
  };
}

const noResourceTypes = 'types are not restricted per request';
const validated = 'templates are always validated before anything is created';

function stackOperations(service: CloudFormation): ServiceModule['operations'] {
  return {
    CreateStack: operation<cfn.CreateStackInput, cfn.CreateStackOutput>({
      accepts: [
        'StackName',
        'TemplateBody',
        'TemplateURL',
        'Parameters',
        'DisableRollback',
        'RollbackConfiguration',
        'TimeoutInMinutes',
        'NotificationARNs',
        'Capabilities',
        'RoleARN',
        'OnFailure',
        'StackPolicyBody',
        'Tags',
        'ClientRequestToken',
        'EnableTerminationProtection',
        'RetainExceptOnCreate',
        'DeploymentConfig',
      ],
      ignores: { ResourceTypes: noResourceTypes, DisableValidation: validated },
      handler: (ctx, input) => stacks.createStack(ctx, service, input),
    }),
    UpdateStack: operation<cfn.UpdateStackInput, cfn.UpdateStackOutput>({
      accepts: [
        'StackName',
        'TemplateBody',
        'TemplateURL',
        'UsePreviousTemplate',
        'StackPolicyDuringUpdateBody',
        'Parameters',
        'Capabilities',
        'RoleARN',
        'RollbackConfiguration',
        'StackPolicyBody',
        'NotificationARNs',
        'Tags',
        'DisableRollback',
        'ClientRequestToken',
        'RetainExceptOnCreate',
        'DeploymentConfig',
      ],
      ignores: { ResourceTypes: noResourceTypes, DisableValidation: validated },
      handler: (ctx, input) => stacks.updateStack(ctx, service, input),
    }),
    DeleteStack: operation<cfn.DeleteStackInput, object>({
      accepts: [
        'StackName',
        'RetainResources',
        'RoleARN',
        'ClientRequestToken',
        'DeletionMode',
        'DeploymentConfig',
      ],
      handler: (ctx, input) => stacks.deleteStack(ctx, service, input),
    }),
    CancelUpdateStack: operation<cfn.CancelUpdateStackInput, object>({
      accepts: ['StackName', 'ClientRequestToken'],
      handler: (ctx, input) => rollback.cancelUpdateStack(ctx, service, input),
    }),
    ContinueUpdateRollback: operation<cfn.ContinueUpdateRollbackInput, object>({
      accepts: ['StackName', 'RoleARN', 'ResourcesToSkip', 'ClientRequestToken'],
      handler: (ctx, input) => rollback.continueUpdateRollback(ctx, service, input),
    }),
    RollbackStack: operation<cfn.RollbackStackInput, cfn.RollbackStackOutput>({
      accepts: ['StackName', 'RoleARN', 'ClientRequestToken', 'RetainExceptOnCreate', 'DeploymentConfig'],
      handler: (ctx, input) => rollback.rollbackStack(ctx, service, input),
    }),
    UpdateTerminationProtection: operation<
      cfn.UpdateTerminationProtectionInput,
      cfn.UpdateTerminationProtectionOutput
    >({
      accepts: ['StackName', 'EnableTerminationProtection'],
      handler: (_, input) => protection.updateTerminationProtection(service, input),
    }),
    SetStackPolicy: operation<cfn.SetStackPolicyInput, object>({
      accepts: ['StackName', 'StackPolicyBody'],
      handler: (_, input) => protection.setStackPolicy(service, input),
    }),
    GetStackPolicy: operation<cfn.GetStackPolicyInput, cfn.GetStackPolicyOutput>({
      accepts: ['StackName'],
      handler: (_, input) => protection.getStackPolicy(service, input),
    }),
  };
}

function changeSetOperations(service: CloudFormation): ServiceModule['operations'] {
  return {
    CreateChangeSet: operation<cfn.CreateChangeSetInput, cfn.CreateChangeSetOutput>({
      accepts: [
        'StackName',
        'TemplateBody',
        'TemplateURL',
        'UsePreviousTemplate',
        'Parameters',
        'Capabilities',
        'RoleARN',
        'RollbackConfiguration',
        'NotificationARNs',
        'Tags',
        'ChangeSetName',
        'ClientToken',
        'Description',
        'ChangeSetType',
        'ResourcesToImport',
        'IncludeNestedStacks',
        'OnStackFailure',
        'ImportExistingResources',
        'DeploymentMode',
        'DeploymentConfig',
      ],
      ignores: { ResourceTypes: noResourceTypes, DisableValidation: validated },
      handler: (ctx, input) => changeSets.createChangeSet(ctx, service, input),
    }),
    DescribeChangeSet: operation<cfn.DescribeChangeSetInput, cfn.DescribeChangeSetOutput>({
      accepts: ['ChangeSetName', 'StackName', 'NextToken', 'IncludePropertyValues'],
      handler: (_, input) => changeSets.describeChangeSet(service, input),
    }),
    ListChangeSets: operation<cfn.ListChangeSetsInput, cfn.ListChangeSetsOutput>({
      accepts: ['StackName', 'NextToken'],
      handler: (_, input) => changeSets.listChangeSets(service, input),
    }),
    ExecuteChangeSet: operation<cfn.ExecuteChangeSetInput, object>({
      accepts: [
        'ChangeSetName',
        'StackName',
        'ClientRequestToken',
        'DisableRollback',
        'RetainExceptOnCreate',
      ],
      handler: (ctx, input) => changeSets.executeChangeSet(ctx, service, input),
    }),
    DeleteChangeSet: operation<cfn.DeleteChangeSetInput, object>({
      accepts: ['ChangeSetName', 'StackName'],
      handler: (_, input) => changeSets.deleteChangeSet(service, input),
    }),
  };
}

function driftOperations(service: CloudFormation): ServiceModule['operations'] {
  return {
    DetectStackDrift: operation<cfn.DetectStackDriftInput, cfn.DetectStackDriftOutput>({
      accepts: ['StackName', 'LogicalResourceIds'],
      handler: (ctx, input) => drift.detectStackDrift(ctx, service, input),
    }),
    DetectStackResourceDrift: operation<
      cfn.DetectStackResourceDriftInput,
      cfn.DetectStackResourceDriftOutput
    >({
      accepts: ['StackName', 'LogicalResourceId'],
      handler: (ctx, input) => drift.detectStackResourceDrift(ctx, service, input),
    }),
    DescribeStackDriftDetectionStatus: operation<
      cfn.DescribeStackDriftDetectionStatusInput,
      cfn.DescribeStackDriftDetectionStatusOutput
    >({
      accepts: ['StackDriftDetectionId'],
      handler: (_, input) => drift.describeStackDriftDetectionStatus(service, input),
    }),
    DescribeStackResourceDrifts: operation<
      cfn.DescribeStackResourceDriftsInput,
      cfn.DescribeStackResourceDriftsOutput
    >({
      accepts: ['StackName', 'StackResourceDriftStatusFilters', 'NextToken', 'MaxResults'],
      handler: (_, input) => drift.describeStackResourceDrifts(service, input),
    }),
  };
}

function queryOperations(service: CloudFormation): ServiceModule['operations'] {
  return {
    DescribeStacks: operation<cfn.DescribeStacksInput, cfn.DescribeStacksOutput>({
      accepts: ['StackName', 'NextToken'],
      handler: (_, input) => queries.describeStacks(service, input),
    }),
    ListStacks: operation<cfn.ListStacksInput, cfn.ListStacksOutput>({
      accepts: ['NextToken', 'StackStatusFilter'],
      handler: (_, input) => queries.listStacks(service, input),
    }),
    DescribeStackEvents: operation<cfn.DescribeStackEventsInput, cfn.DescribeStackEventsOutput>({
      accepts: ['StackName', 'NextToken'],
      handler: (_, input) => queries.describeStackEvents(service, input),
    }),
    DescribeStackResource: operation<cfn.DescribeStackResourceInput, cfn.DescribeStackResourceOutput>({
      accepts: ['StackName', 'LogicalResourceId'],
      handler: (_, input) => queries.describeStackResource(service, input),
    }),
    DescribeStackResources: operation<cfn.DescribeStackResourcesInput, cfn.DescribeStackResourcesOutput>({
      accepts: ['StackName', 'LogicalResourceId', 'PhysicalResourceId'],
      handler: (_, input) => queries.describeStackResources(service, input),
    }),
    ListStackResources: operation<cfn.ListStackResourcesInput, cfn.ListStackResourcesOutput>({
      accepts: ['StackName', 'NextToken'],
      handler: (_, input) => queries.listStackResources(service, input),
    }),
    ListExports: operation<cfn.ListExportsInput, cfn.ListExportsOutput>({
      accepts: ['NextToken'],
      handler: (_, input) => queries.listExports(service, input),
    }),
    ListImports: operation<cfn.ListImportsInput, cfn.ListImportsOutput>({
      accepts: ['ExportName', 'NextToken'],
      handler: (_, input) => queries.listImports(service, input),
    }),
    GetTemplate: operation<cfn.GetTemplateInput, cfn.GetTemplateOutput>({
      accepts: ['StackName', 'ChangeSetName', 'TemplateStage'],
      handler: (_, input) => templates.getTemplate(service, input),
    }),
    GetTemplateSummary: operation<cfn.GetTemplateSummaryInput, cfn.GetTemplateSummaryOutput>({
      accepts: ['TemplateBody', 'TemplateURL', 'StackName', 'TemplateSummaryConfig'],
      handler: (ctx, input) => templates.getTemplateSummary(ctx, service, input),
    }),
    ValidateTemplate: operation<cfn.ValidateTemplateInput, cfn.ValidateTemplateOutput>({
      accepts: ['TemplateBody', 'TemplateURL'],
      handler: (ctx, input) => templates.validateTemplate(ctx, service, input),
    }),
  };
}
