import type * as CloudWatch from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import { operation, type ServiceModule } from '../../../kernel/service.ts';
import { invalidParameterValue, missingParameter } from '../errors.ts';
import { type BodyMessage, checkBody } from './body.ts';
import { type DashboardRecord, type DashboardsState, findDashboard } from './state.ts';

/** The operations on dashboards. On AWS dashboards are an account's; here they are the region's. */
export function dashboardOperations(state: DashboardsState): ServiceModule['operations'] {
  return {
    PutDashboard: operation<CloudWatch.PutDashboardInput, CloudWatch.PutDashboardOutput>({
      accepts: ['DashboardName', 'DashboardBody'],
      handler: (ctx, input) => putDashboard(ctx, state, input),
    }),
    GetDashboard: operation<CloudWatch.GetDashboardInput, CloudWatch.GetDashboardOutput>({
      accepts: ['DashboardName'],
      handler: (_ctx, { DashboardName = '' }) => {
        const { name, arn, body } = findDashboard(state, DashboardName);
        return { DashboardName: name, DashboardArn: arn, DashboardBody: body };
      },
    }),
    ListDashboards: operation<CloudWatch.ListDashboardsInput, CloudWatch.ListDashboardsOutput>({
      accepts: ['DashboardNamePrefix', 'NextToken'],
      handler: (_ctx, input) => listDashboards(state, input),
    }),
    DeleteDashboards: operation<CloudWatch.DeleteDashboardsInput, CloudWatch.DeleteDashboardsOutput>({
      accepts: ['DashboardNames'],
      handler: (_ctx, { DashboardNames = [] }) => {
        // Confirmed by API text: all of them are deleted, or none.
        for (const name of DashboardNames) findDashboard(state, name);
        for (const name of DashboardNames) state.delete(name);
        return {};
      },
    }),
  };
}

function putDashboard(
  ctx: Context,
  state: DashboardsState,
  { DashboardName: name, DashboardBody: body }: CloudWatch.PutDashboardInput,
): CloudWatch.PutDashboardOutput {
  if (name === undefined || name === '') throw missingParameter('DashboardName');
  if (body === undefined || body === '') throw missingParameter('DashboardBody');
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
    throw invalidParameterValue(
      `The value ${name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).`,
    );
  const { errors, warnings } = checkBody(parseBody(body));
  if (errors.length > 0) throw invalidBody(errors);
  const arn = ctx.arn('cloudwatch', `dashboard/${name}`, '');
  state.put(name, { name, arn, body, modified: ctx.now });
  return { DashboardValidationMessages: warnings.map(messageOutput) };
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new AwsError('InvalidParameterInput', 'The field DashboardBody must be a valid JSON object');
  }
}

/** Confirmed by public record: code, sentence, and the list as JSON behind it. */
function invalidBody(errors: readonly BodyMessage[]): AwsError {
  const count = `${errors.length} validation error${errors.length === 1 ? '' : 's'}`;
  return new AwsError(
    'InvalidParameterInput',
    `The dashboard body is invalid, there are ${count}: ${JSON.stringify(errors, null, 2)}`,
    { fields: { dashboardValidationMessages: errors.map(messageOutput) } },
  );
}

function messageOutput({ dataPath, message }: BodyMessage): CloudWatch.DashboardValidationMessage {
  return { DataPath: dataPath, Message: message };
}

function listDashboards(
  state: DashboardsState,
  { DashboardNamePrefix = '', NextToken }: CloudWatch.ListDashboardsInput,
): CloudWatch.ListDashboardsOutput {
  const found = state
    .filter(({ name }) => name.startsWith(DashboardNamePrefix))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  // Confirmed by API text: a page has up to 1000.
  const { items, nextToken } = page(found, NextToken, 1000, () =>
    invalidParameterValue('The next token is invalid.'),
  );
  return {
    DashboardEntries: items.map(entryOutput),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
}

function entryOutput({ name, arn, body, modified }: DashboardRecord): CloudWatch.DashboardEntry {
  return {
    DashboardName: name,
    DashboardArn: arn,
    LastModified: toDate(modified),
    // UTF-8 bytes, as AWS counts.
    Size: new TextEncoder().encode(body).length,
  };
}
