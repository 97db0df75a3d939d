import { arnIn, named, on, onAnything, type ServiceAccess, textOf } from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openAlarms } from './alarms/state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
export function cloudwatchAccess(tables: Tables): ServiceAccess {
  const { alarms } = openAlarms(tables);
  const aboutAlarm = on(named('cloudwatch', 'alarm:', 'AlarmName'));
  const aboutAlarms = on(named('cloudwatch', 'alarm:', 'AlarmNames'));
  const aboutDashboard = on(named('cloudwatch', 'dashboard/', 'DashboardName', ''));
  const aboutResource = on(arnIn('ResourceARN'));
  return {
    prefix: 'cloudwatch',
    tagsOf: (arn) => alarms.get(arn.split(':').slice(6).join(':'))?.tags,
    operations: {
      PutMetricData: on(() => '*', {
        context: (ask) => ({ 'cloudwatch:namespace': textOf(ask, 'Namespace') }),
      }),
      GetMetricData: onAnything,
      GetMetricStatistics: onAnything,
      ListMetrics: onAnything,
      PutMetricAlarm: aboutAlarm,
      PutCompositeAlarm: aboutAlarm,
      DescribeAlarms: aboutAlarms,
      DescribeAlarmsForMetric: onAnything,
      DescribeAlarmHistory: aboutAlarm,
      ListTagsForResource: aboutResource,
      SetAlarmState: aboutAlarm,
      DeleteAlarms: aboutAlarms,
      EnableAlarmActions: aboutAlarms,
      DisableAlarmActions: aboutAlarms,
      TagResource: aboutResource,
      UntagResource: aboutResource,
      PutDashboard: aboutDashboard,
      GetDashboard: aboutDashboard,
      ListDashboards: onAnything,
      DeleteDashboards: on(named('cloudwatch', 'dashboard/', 'DashboardNames', '')),
      GetMetricWidgetImage: onAnything,
    },
  };
}
