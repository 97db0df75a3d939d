import {
  type Ask,
  arnIn,
  arnOf,
  on,
  onAnything,
  type ServiceAccess,
  textOf,
  textsOf,
} from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openLogs } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html */
export function logsAccess(tables: Tables): ServiceAccess {
  const { groups, queries } = openLogs(tables);
  const aboutGroup = on(groupArns);
  const aboutStream = on(streamArn);
  return {
    prefix: 'logs',
    tagsOf: (arn) => groups.get(arn.split(':')[6] ?? '')?.tags,
    operations: {
      CreateLogGroup: aboutGroup,
      DeleteLogGroup: aboutGroup,
      DescribeLogGroups: on((ask) => arnOf(ask, 'logs', 'log-group::log-stream:')),
      PutRetentionPolicy: aboutGroup,
      DeleteRetentionPolicy: aboutGroup,
      TagResource: on(arnIn('resourceArn')),
      UntagResource: on(arnIn('resourceArn')),
      ListTagsForResource: on(arnIn('resourceArn')),
      CreateLogStream: aboutGroup,
      DeleteLogStream: aboutStream,
      DescribeLogStreams: aboutGroup,
      PutLogEvents: aboutStream,
      GetLogEvents: aboutStream,
      FilterLogEvents: aboutGroup,
      PutMetricFilter: aboutGroup,
      DeleteMetricFilter: aboutGroup,
      DescribeMetricFilters: aboutGroup,
      TestMetricFilter: onAnything,
      StartQuery: aboutGroup,
      GetQueryResults: on((ask) => {
        const names = queries.get(textOf(ask, 'queryId'))?.groupNames ?? [];
        return names.length === 0 ? '*' : names.map((name) => groupArn(ask, name));
      }),
      StopQuery: onAnything,
      DescribeQueries: onAnything,
    },
  };
}

/**
 * Confirmed by an answer of AWS: the group's ARN ends in `:log-stream:` with nothing after it.
 * https://github.com/elastic/apm-aws-lambda/issues/526
 */
function groupArn(ask: Ask, nameOrArn: string): string {
  const name = nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? '') : nameOrArn;
  return arnOf(ask, 'logs', `log-group:${name}:log-stream:`);
}

function groupArns(ask: Ask): readonly string[] {
  const names = [
    textOf(ask, 'logGroupName'),
    textOf(ask, 'logGroupIdentifier'),
    ...textsOf(ask, 'logGroupNames'),
    ...textsOf(ask, 'logGroupIdentifiers'),
  ].filter((name) => name !== '');
  return (names.length === 0 ? ['*'] : names).map((name) => groupArn(ask, name));
}

function streamArn(ask: Ask): string {
  const [group = ''] = groupArns(ask);
  return `${group}${textOf(ask, 'logStreamName')}`;
}
