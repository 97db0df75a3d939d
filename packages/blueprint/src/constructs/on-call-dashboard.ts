/**
 * The dashboard that a person on call opens first. From top to bottom it asks: is anything wrong; what do users meet; are
 * there enough tasks and are they well; is it the database; what do the logs say. Thresholds of alarms are drawn in.
 */
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type HorizontalAnnotation,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { environmentOf, logGroupName } from '../stacks/names.ts';
import { freeStorageBytes } from './database-alarms.ts';
import {
  databaseMetric,
  type RequestDimensions,
  RequestMetrics,
  serviceMetric,
  taskCount,
} from './metrics.ts';

export interface OnCallDashboardProps {
  readonly definition: ResolvedEnvironment;
  readonly dimensions: RequestDimensions;
  readonly alarms: readonly Alarm[];
}

export function onCallDashboard(
  scope: Construct,
  { definition, dimensions, alarms }: OnCallDashboardProps,
): Dashboard {
  const { service, environment } = definition;
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: environmentOf(service, environment),
    widgets: [
      [new TextWidget({ width: 24, height: 2, markdown: heading(definition) })],
      [new AlarmStatusWidget({ width: 24, height: 3, title: 'Alarms', alarms: [...alarms] })],
      requestRow(definition, new RequestMetrics(dimensions)),
      taskRow(definition, new RequestMetrics(dimensions)),
      databaseRow(definition),
      [lastErrors(definition)],
    ].filter((row) => row.length > 0),
  });
}

function heading({
  service,
  environment,
  scaling: { min, max, cpu, schedule },
}: ResolvedEnvironment): string {
  const hours =
    schedule === undefined
      ? ''
      : ` Runs ${schedule.days} ${schedule.start}–${schedule.end} ${schedule.timezone}; no task otherwise.`;
  return [
    `# ${service}, ${environment}`,
    `${min} to ${max} tasks, scaled to ${cpu} % CPU.${hours} What was released when: \`plimsoll releases --env ${environment}\`. Back to an earlier one: \`plimsoll rollback --env ${environment}\`.`,
  ].join('\n');
}

function requestRow({ alarms }: ResolvedEnvironment, requests: RequestMetrics): IWidget[] {
  return [
    graph('Requests a minute', {
      left: [requests.requests.with({ label: 'Requests' })],
      right: [
        requests.clientErrors.with({ label: '4xx of the tasks' }),
        requests.targetErrors.with({ label: '5xx of the tasks' }),
        requests.loadBalancerErrors.with({ label: '5xx of the load balancer' }),
      ],
      rightYAxis: { min: 0, label: 'errors' },
    }),
    graph('Errors, % of the requests', {
      left: [requests.targetErrorPercent(), requests.loadBalancerErrorPercent()],
      leftAnnotations: [
        alarmAt(alarms.targetErrorPercent, 'tasks'),
        alarmAt(alarms.loadBalancerErrorPercent, 'load balancer'),
      ],
    }),
    graph('Response time, s', {
      left: [50, 90, 99].map((part) => requests.latency(part).with({ label: `p${part}` })),
      leftAnnotations: [alarmAt(alarms.latencySeconds, 'p99')],
    }),
  ];
}

function taskRow(
  { service, environment, alarms, scaling }: ResolvedEnvironment,
  requests: RequestMetrics,
): IWidget[] {
  const dimensions = { cluster: environmentOf(service, environment), service };
  return [
    graph('Tasks', {
      left: [
        taskCount('DesiredTaskCount', dimensions).with({ label: 'Desired' }),
        taskCount('RunningTaskCount', dimensions).with({ label: 'Running' }),
        taskCount('PendingTaskCount', dimensions).with({ label: 'Pending' }),
      ],
      leftAnnotations: [{ value: scaling.max, label: 'maximum' }],
    }),
    graph('Targets', {
      left: [
        requests.healthyTargets.with({ label: 'Healthy' }),
        requests.unhealthyTargets.with({ label: 'Unhealthy' }),
      ],
    }),
    graph('CPU and memory of the tasks, %', {
      left: [
        serviceMetric('CPUUtilization', dimensions).with({ label: 'CPU' }),
        serviceMetric('MemoryUtilization', dimensions).with({ label: 'Memory' }),
      ],
      leftYAxis: { min: 0, max: 100 },
      leftAnnotations: [
        { value: scaling.cpu, label: 'CPU that scaling holds' },
        alarmAt(alarms.cpuPercent, 'CPU'),
      ],
    }),
  ];
}

function databaseRow(definition: ResolvedEnvironment): IWidget[] {
  const { service, environment, alarms, database } = definition;
  if (database === undefined) return [];
  const instance = environmentOf(service, environment);
  return [
    graph('Database: CPU, %, and connections', {
      left: [databaseMetric('CPUUtilization', instance).with({ label: 'CPU' })],
      right: [databaseMetric('DatabaseConnections', instance, 'Maximum').with({ label: 'Connections' })],
      leftYAxis: { min: 0, max: 100 },
      leftAnnotations: [alarmAt(alarms.databaseCpuPercent, 'CPU')],
      rightAnnotations: [alarmAt(alarms.databaseConnections ?? 0, 'connections')],
    }),
    graph('Database: latency of reads and writes, s', {
      left: [
        databaseMetric('ReadLatency', instance).with({ label: 'Read' }),
        databaseMetric('WriteLatency', instance).with({ label: 'Write' }),
      ],
    }),
    graph('Database: free storage, bytes', {
      left: [databaseMetric('FreeStorageSpace', instance, 'Minimum').with({ label: 'Free' })],
      leftAnnotations: [alarmAt(freeStorageBytes(definition), 'free storage')],
    }),
  ];
}

function lastErrors({ service, environment }: ResolvedEnvironment): IWidget {
  return new LogQueryWidget({
    title: 'Last errors in the log',
    logGroupNames: [logGroupName(service, environment)],
    view: LogQueryVisualizationType.TABLE,
    queryLines: [
      'fields @timestamp, @logStream, @message',
      // Loggers in JSON often write numbers: 50 is an error for pino and bunyan.
      'filter @message like /(?i)(error|exception|fatal)/ or level >= 50',
      'sort @timestamp desc',
      'limit 20',
    ],
    width: 24,
    height: 6,
  });
}

function graph(title: string, props: GraphWidgetProps): IWidget {
  return new GraphWidget({ title, width: 8, height: 6, leftYAxis: { min: 0 }, ...props });
}

function alarmAt(value: number, what: string): HorizontalAnnotation {
  return { value, label: `alarm: ${what}`, color: '#d62728' };
}
