import type * as Ssm from '@aws-sdk/client-ssm';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { parameterType } from './cloudformation/parameter.ts';
import {
  addTagsToResource,
  describeParameters,
  getParameterHistory,
  listTagsForResource,
  removeTagsFromResource,
} from './inventory.ts';
import {
  deleteParameter,
  deleteParameters,
  getParameter,
  getParameters,
  getParametersByPath,
  putParameter,
} from './parameters.ts';
import { openSsm } from './state.ts';

/** AWS Systems Manager: Parameter Store. */
export function ssm(dependencies: { readonly tables: Tables }): ServiceModule {
  const state = openSsm(dependencies.tables);
  return {
    name: 'ssm',
    resourceTypes: [parameterType],
    operations: {
      PutParameter: operation<Ssm.PutParameterRequest, Ssm.PutParameterResult>({
        accepts: [
          'Name',
          'Description',
          'Value',
          'Type',
          'KeyId',
          'Overwrite',
          'AllowedPattern',
          'Tags',
          'Tier',
          'DataType',
        ],
        handler: (ctx, input) => putParameter(ctx, state, input),
      }),
      GetParameter: operation<Ssm.GetParameterRequest, Ssm.GetParameterResult>({
        accepts: ['Name', 'WithDecryption'],
        handler: (ctx, input) => getParameter(ctx, state, input),
      }),
      GetParameters: operation<Ssm.GetParametersRequest, Ssm.GetParametersResult>({
        accepts: ['Names', 'WithDecryption'],
        handler: (ctx, input) => getParameters(ctx, state, input),
      }),
      GetParametersByPath: operation<Ssm.GetParametersByPathRequest, Ssm.GetParametersByPathResult>({
        accepts: ['Path', 'Recursive', 'WithDecryption', 'MaxResults', 'NextToken'],
        handler: (ctx, input) => getParametersByPath(ctx, state, input),
      }),
      GetParameterHistory: operation<Ssm.GetParameterHistoryRequest, Ssm.GetParameterHistoryResult>({
        accepts: ['Name', 'WithDecryption', 'MaxResults', 'NextToken'],
        handler: (ctx, input) => getParameterHistory(ctx, state, input),
      }),
      DescribeParameters: operation<Ssm.DescribeParametersRequest, Ssm.DescribeParametersResult>({
        accepts: ['ParameterFilters', 'MaxResults', 'NextToken'],
        handler: (ctx, input) => describeParameters(ctx, state, input),
      }),
      DeleteParameter: operation<Ssm.DeleteParameterRequest, object>({
        accepts: ['Name'],
        handler: (ctx, input) => deleteParameter(ctx, state, input),
      }),
      DeleteParameters: operation<Ssm.DeleteParametersRequest, Ssm.DeleteParametersResult>({
        accepts: ['Names'],
        handler: (ctx, input) => deleteParameters(ctx, state, input),
      }),
      AddTagsToResource: operation<Ssm.AddTagsToResourceRequest, object>({
        accepts: ['ResourceType', 'ResourceId', 'Tags'],
        handler: (ctx, input) => addTagsToResource(ctx, state, input),
      }),
      RemoveTagsFromResource: operation<Ssm.RemoveTagsFromResourceRequest, object>({
        accepts: ['ResourceType', 'ResourceId', 'TagKeys'],
        handler: (ctx, input) => removeTagsFromResource(ctx, state, input),
      }),
      ListTagsForResource: operation<Ssm.ListTagsForResourceRequest, Ssm.ListTagsForResourceResult>({
        accepts: ['ResourceType', 'ResourceId'],
        handler: (ctx, input) => listTagsForResource(ctx, state, input),
      }),
    },
  };
}
